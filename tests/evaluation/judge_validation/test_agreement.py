"""Agreement against hand-made tables, and the judge check from the command line."""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.turns.transcript import VERDICTS
from primum.cases.load import load_suite, save_suite
from primum.cases.model import Option, Suite
from primum.core.errors import DataError
from primum.evaluation.judge_validation.agreement import Pair, agreement, read_verdicts
from primum.tests.paths import DOCS, LABELLED

Command = Callable[..., Any]


def pairs(counts: dict[tuple[str, str], int], score: int = 5) -> list[Pair]:
    option = Option(id=1, text="x", category="Diagnostic", score=score)
    return [Pair(("a", 1), option, *verdicts) for verdicts, n in counts.items() for _ in range(n)]  # type: ignore[arg-type]


def test_cohens_example() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreement .7, chance .5, kappa .4."""
    table = {
        ("full", "partial"): 20,
        ("partial", "none"): 5,
        ("none", "full"): 10,
        ("none", "none"): 15,
    }
    found = agreement(pairs(table))
    assert (found.n, found.positives) == (50, 25)
    assert [found.agreement, found.chance, found.kappa] == pytest.approx([0.7, 0.5, 0.4])


def test_f1_is_of_its_own_options() -> None:
    good = pairs({("full", "full"): 3, ("full", "none"): 1, ("none", "full"): 2}, score=8)
    harm = pairs({("full", "full"): 1, ("none", "full"): 1}, score=2)
    found = agreement(good + harm)
    assert found.f1_appropriate == pytest.approx(2 * 3 / (2 * 3 + 3))
    assert found.f1_harmful == pytest.approx(2 / 3)
    assert math.isnan(agreement(harm).f1_appropriate)


def test_nothing_to_compare_is_no_agreement() -> None:
    found = agreement([], missing=4)
    assert (found.n, found.missing) == (0, 4)
    assert math.isnan(found.agreement)
    assert math.isnan(found.kappa)


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS)), min_size=2))
def test_kappa_is_symmetric_and_one_only_for_the_same(table: list[tuple[Any, Any]]) -> None:
    option = Option(id=1, text="x", category="Diagnostic", score=5)
    one = agreement([Pair(("a", 1), option, r, c) for r, c in table])
    other = agreement([Pair(("a", 1), option, c, r) for r, c in table])
    assert one.kappa == pytest.approx(other.kappa, nan_ok=True)
    same = all((r == "none") == (c == "none") for r, c in table)
    assert math.isnan(one.kappa) or (one.kappa == pytest.approx(1)) == same


def test_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    demo = load_suite("demo")
    lines = read_verdicts(LABELLED / "verdicts.jsonl", demo)
    path = tmp_path / "verdicts.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "trial", "option", "verdict"])
        for (case, trial), verdicts in lines.items():
            writer.writerows([case, trial, option, verdict] for option, verdict in verdicts.items())
    assert read_verdicts(path, demo) == lines


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("Nobody1,1,1,full", "id"),
        ("CardTiny1,1,99,full", "option"),
        ("CardTiny1,1,1,maybe", "verdict"),
        ("CardTiny1,x,1,full", "trial"),
        ("CardTiny1,1,1,full\nCardTiny1,1,1,none", "option"),
    ],
)
def test_bad_verdicts_are_refused(row: str, place: str, tiny_suite: Suite, tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text(f"id,trial,option,verdict\n{row}\n")
    with pytest.raises(DataError, match=rf"v\.csv:{2 + row.count(chr(10))}: {place}"):
        read_verdicts(path, tiny_suite)


def test_judge_check_prints_the_agreed_figures(primum: Command) -> None:
    """The figures of docs/judging.md, to two digits."""
    done = primum(
        *("judge", "check", "--matcher", "lexical", "--json"),
        *("--answers", LABELLED / "answers.jsonl", "--reference", LABELLED / "verdicts.jsonl"),
    )
    assert done.returncode == 0, done.stderr
    assert "not a judge" in done.stderr
    assert "SYNTHETIC: invented patients" in done.stderr
    found = json.loads(done.stdout)
    assert [line.split()[0] for line in found["notice"]] == ["SYNTHETIC:", "lexical/2"]
    assert (found["n"], found["positives"]) == (259, 108)
    page = (DOCS / "judging.md").read_text()
    shown = [
        f"{found[k]:.2f}" for k in ("agreement", "chance", "kappa", "f1_appropriate", "f1_harmful")
    ]
    assert f"| demo, 10 answers | 259 | 108 | {' | '.join(shown)} |" in page


def test_verdicts_agree_with_themselves(primum: Command) -> None:
    own = LABELLED / "verdicts.jsonl"
    done = primum("judge", "check", "--verdicts", own, "--reference", own, "--json")
    found = json.loads(done.stdout)
    assert (found["kappa"], found["disagreements"], found["missing"]) == (1, [], 0)
    neither = primum("judge", "check", "--reference", own)
    assert neither.returncode == 2


def test_what_the_candidate_lacks_is_counted(
    primum: Command, tiny_suite: Suite, tmp_path: Path
) -> None:
    suite, few, all_ = tmp_path / "s.jsonl", tmp_path / "few.csv", tmp_path / "all.csv"
    save_suite(tiny_suite, suite, "native")
    head = "id,trial,option,verdict\n"
    all_.write_text(head + "".join(f"CardTiny1,1,{n},full\n" for n in range(1, 8)))
    few.write_text(head + "CardTiny1,1,1,full\nCardTiny1,1,2,none\n")
    done = primum(
        "judge", "check", "--suite", suite, "--verdicts", few, "--reference", all_, "--json"
    )
    found = json.loads(done.stdout)
    assert found["notice"] == ["INVENTED for tests"]
    assert (found["n"], found["missing"], found["agreement"]) == (2, 5, 0.5)
