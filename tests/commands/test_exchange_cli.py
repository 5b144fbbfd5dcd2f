"""`primum export` and `primum import`: the published files, out and in again, by real processes."""

import csv
import io
import json
from collections.abc import Callable
from math import log2
from pathlib import Path
from typing import Any

import pytest

from primum.cases.model import Suite
from primum.tests.studies import Ran, run_both

pytestmark = pytest.mark.long

Command = Callable[..., Any]
NAMES = ("trio", "aspen-large", "birch-large", "cedar-large")


@pytest.fixture(scope="module")
def ran(tiny_suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run_both(tmp_path_factory.mktemp("exchange"), tiny_suite)


def test_answers_go_out_and_in_and_out_again(ran: Ran, primum: Command, tmp_path: Path) -> None:
    file, again, ws = tmp_path / "again.jsonl", tmp_path / "twice.jsonl", tmp_path / "ws"
    done = primum("export", "answers", ran.id("plan"), "--ensemble", "trio", "-o", file, *ran.workspace)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
    assert "SIMULATED" in done.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["CardTiny1", "CardTiny1-0", "EndoTiny1"]
    assert all(line["usage"] == {"simulated": True} for line in lines)
    done = primum("import", "answers", file, "--suite", ran.suite, "--workspace", ws, "--json")
    assert done.returncode == 0, done.stderr
    imported = json.loads(done.stdout)
    assert imported["simulated"] is True
    assert any("SIMULATED" in line for line in imported["notice"])
    (own,) = imported["ensembles"]
    assert (own["name"], own["graph"], own["coverage"]) == ("again", "imported", 1.0)
    assert imported["calls"] == {"made": 0, "from_ledger": 0}
    before = next(e for e in ran.studies["plan"]["ensembles"] if e["name"] == "trio")
    assert own["metrics"] == before["metrics"], "the same plans, the same matcher"
    done = primum("export", "answers", imported["study"][:-4], "-o", again, "--workspace", ws)
    assert done.returncode == 0, done.stderr
    assert again.read_bytes() == file.read_bytes()
    judged = tmp_path / "judged.jsonl"
    primum("export", "judged", imported["study"], "-o", judged, "--workspace", ws)
    judges = {json.loads(line)["judge"] for line in judged.read_text().splitlines()}
    assert judges == {"lexical/2 (of simulated answers)"}
    said = primum("import", "judged", judged, "--suite", ran.suite).stderr
    assert "SIMULATED: " in said
    assert "LEXICAL: lexical/2 matched the plans to the options by their words. It is no" in said
    assert "judged by" not in said


def test_answers_to_some_cases_are_not_shown_as_answers_to_all(
    ran: Ran, primum: Command, tmp_path: Path
) -> None:
    file, ws, page = tmp_path / "few.jsonl", tmp_path / "ws", tmp_path / "page.html"
    given = (("CardTiny1", 1), ("CardTiny1", 2), ("CardTiny1-0", 1))
    file.write_text(
        "".join(
            json.dumps({"id": i, "trial": n, "response": "1. Test A."}) + "\n" for i, n in given
        )
    )
    done = primum("import", "answers", file, "--suite", ran.suite, "--workspace", ws)
    assert done.returncode == 0, done.stderr
    assert "CAUTION 1 base case: with fewer than 3 there are no intervals" in " ".join(
        done.stdout.split()
    )
    assert "items and trials; its figures are from 1 base case\n" in done.stdout
    assert primum("report", "--workspace", ws, "-o", page).returncode == 0
    html = page.read_text()
    said = "One file of answers answered 1 of the two cases (2 of 3 items) of the suite"
    assert said in html.split("<h1")[1].split("</h1>")[0]
    assert ", up to 2 times each," in html.split("<h1")[1].split("</h1>")[0]
    facts = html.split('<dl class="facts">')[1].split("</dl>")[0]
    assert "3 of 3 answers in the file" in facts
    assert "2 of 3 items of the suite" in facts
    assert "1 base case: with fewer than 3 there are no intervals" in html.split('class="care"')[1]


@pytest.mark.parametrize("protocol", ["plan", "menu"])
def test_judged_records_give_the_stores_scores_again(
    protocol: str, ran: Ran, primum: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "judged"
    done = primum("export", "judged", ran.id(protocol), "-o", folder, *ran.workspace)
    assert done.returncode == 0, done.stderr
    assert "SIMULATED" in done.stderr
    assert set(done.stdout.split()) == {str(folder / f"{name}.jsonl") for name in NAMES}
    assert {path.name for path in folder.iterdir()} == {f"{name}.jsonl" for name in NAMES}
    again = primum("import", "judged", folder / "trio.jsonl", "--suite", ran.suite, "--json")
    assert again.returncode == 0, again.stderr
    sql = f"""select item, trial, metric, value from scores where study = '{ran.id(protocol)}'
              and ensemble = 'trio' and definition = '2026-07'"""
    rows = json.loads(primum("query", sql, "--format", "json", *ran.workspace).stdout)
    found = {(r["id"], r["trial"]): r["metrics"] for r in json.loads(again.stdout)}
    assert len(found) == 3
    assert len(rows) >= 3 * 15
    for row in rows:
        metrics = found[row["item"], row["trial"]]
        assert metrics[row["metric"]] == pytest.approx(row["value"], abs=1e-12, rel=0)
    defined = sum(v is not None for m in found.values() for v in m.values())
    steady = [m for m in found.values() if "F1_floor" in m]
    assert defined == len(rows) + 2 * len(steady)
    letters = [found["CardTiny1", 1], found["CardTiny1-0", 1]]
    assert steady == letters, "the two letters of one case"
    assert {m["F1_floor"] for m in steady} == {min(m["F1_weighted"] for m in letters)}


def test_one_row_an_answer_of_either_protocol(ran: Ran, primum: Command, tmp_path: Path) -> None:
    for protocol in ("plan", "menu"):
        file = tmp_path / f"{protocol}.csv"
        done = primum("export", "csv", ran.id(protocol), "-o", file, *ran.workspace)
        assert (done.returncode, done.stdout) == (0, "")
        assert "SIMULATED" in done.stderr
        rows = list(csv.DictReader(io.StringIO(file.read_text())))
        assert len(rows) == 3 * len(NAMES)
        assert {row["protocol"] for row in rows} == {protocol}
        assert {row["simulated"] for row in rows} == {"TRUE"}
        study = ran.studies[protocol]
        for ensemble in study["ensembles"]:
            own = [row for row in rows if row["ensemble"] == ensemble["name"]]
            by_case = {
                case: [float(row["F1_weighted"]) for row in own if row["base_case"] == case]
                for case in ("CardTiny1", "EndoTiny1")
            }
            mean = sum(sum(values) / len(values) for values in by_case.values()) / 2
            assert mean == pytest.approx(ensemble["metrics"]["F1_weighted"]["mean"], abs=1e-9)


def test_nothing_that_is_there_is_written_over(ran: Ran, primum: Command, tmp_path: Path) -> None:
    file, folder = tmp_path / "mine.csv", tmp_path / "mine"
    file.write_text("mine")
    folder.mkdir()
    (folder / "trio.jsonl").write_text("mine")
    for what, output, *more in (
        ("answers", file, "--ensemble", "trio"),
        ("judged", folder),
        ("csv", file),
    ):
        done = primum("export", what, ran.id("plan"), *more, "-o", output, *ran.workspace)
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.splitlines()[-1].startswith(f"primum: {output}: exists already")
        assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["mine", "mine.csv", "trio.jsonl"]
    assert {path.read_text() for path in (file, folder / "trio.jsonl")} == {"mine"}


def test_what_is_not_there_is_said_in_one_line(ran: Ran, primum: Command, tmp_path: Path) -> None:
    for arguments, words, code in (
        ((ran.id("plan"), "--ensemble", "bob"), "--ensemble bob: no such ensemble; there are", 2),
        (("tiny",), "tiny: several studies", 3),
        (("other",), "other: no such study", 3),
    ):
        done = primum("export", "judged", *arguments, "-o", tmp_path / "out", *ran.workspace)
        assert (done.returncode, done.stdout) == (code, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"primum: {words}")
    assert not (tmp_path / "out").exists()


def test_published_answers_are_matched_by_words_and_come_back_byte_for_byte(
    primum: Command, mast_open: Path, tmp_path: Path
) -> None:
    published, ws = mast_open / "examples" / "gpt-5.5.jsonl", tmp_path / "ws"
    done = primum("import", "answers", published, "--suite", mast_open, "--matcher", "lexical", "--workspace", ws)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("LEXICAL: lexical/2")
    (title,) = (line for line in done.stdout.splitlines() if "95% interval" in line and "mean" in line)  # fmt: skip
    assert title.rstrip().endswith("LEXICAL")
    assert "SIMULATED" not in done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("gpt-5.5 "))
    assert row.split()[-2:] == ["100.0%", "100.0%"]
    (manifest,) = (ws / "studies").iterdir()
    again = primum("export", "answers", manifest.stem, "--ensemble", "gpt-5.5", "--workspace", ws)
    assert again.returncode == 0, again.stderr
    assert again.stdout.encode() == published.read_bytes()
    assert "LEXICAL" in again.stderr


def test_the_letters_of_one_case_have_a_floor_and_a_resilience(
    primum: Command, mast_open: Path
) -> None:
    """The five published records are letters of All001; their metrics name neither."""
    file = mast_open / "examples" / "gpt-5.5_judged.jsonl"
    found = json.loads(primum("import", "judged", file, "--suite", mast_open, "--json").stdout)
    metrics = [record["metrics"] for record in found]
    assert len(metrics) == 5
    floor = min(m["F1_weighted"] for m in metrics)
    assert {m["F1_floor"] for m in metrics} == {floor}
    published = [json.loads(line) for line in file.read_text().splitlines()]
    assert floor == pytest.approx(min(r["metrics"]["F1_weighted"] for r in published), abs=1e-9)
    assert {m["Resilience"] for m in metrics} == {1.0}, "what flips over the letters is uncertain"


def test_resilience_falls_by_the_entropy_of_what_flips(
    primum: Command, mast_open: Path, tmp_path: Path
) -> None:
    """Option 30 (score 8, so v = 2) is taken from one of the five letters: p = 4/5."""
    lines = (mast_open / "examples" / "gpt-5.5_judged.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    next(option for option in first["options"] if option["id"] == 30)["matched"] = False
    file = tmp_path / "flipped.jsonl"
    file.write_text("\n".join([json.dumps(first), *lines[1:]]))
    rubric = json.loads((mast_open / "dataset" / "rubrics" / "All001.json").read_text())
    worth = {1: 3, 2: 2, 3: 1, 7: 1, 8: 2, 9: 3}
    units: dict[object, int] = {}
    for option in rubric["options"]:
        unit = option.get("abstraction") or option["id"]
        units[unit] = max(units.get(unit, 0), worth.get(option["score"], 0))
    flips = -(0.8 * log2(0.8) + 0.2 * log2(0.2))
    found = json.loads(primum("import", "judged", file, "--suite", mast_open, "--json").stdout)
    (steady,) = {record["metrics"]["Resilience"] for record in found}
    assert steady == pytest.approx(1 - 2 * flips / sum(units.values()), abs=1e-12)


def test_an_empty_imported_answer_is_an_answer(ran: Ran, primum: Command, tmp_path: Path) -> None:
    """It is its author's own doing: scored as recommending nothing, so it goes out again too."""
    file, ws = tmp_path / "terse.jsonl", tmp_path / "ws"
    file.write_text(
        '{"id": "CardTiny1", "trial": 1, "response": ""}\n'
        '{"id": "EndoTiny1", "trial": 2, "response": "1. Order\\u0000 test A\\r\\n \\u2028 =1+1"}\n'
    )
    done = primum("import", "answers", file, "--suite", ran.suite, "--workspace", ws, "--json")
    assert done.returncode == 1, "one of two is empty: that is over the threshold"
    found = json.loads(done.stdout)
    assert found["simulated"] is False
    assert found["ensembles"][0]["outcomes"] == {"empty": 1, "ok": 1}
    again = primum("export", "answers", found["study"], "--ensemble", "terse", "--workspace", ws)
    assert again.stdout == file.read_text()


@pytest.mark.parametrize("form", ["csv", "judged", "answers"])
def test_a_dash_is_no_file(form: str, ran: Ran, primum: Command) -> None:
    done = primum("export", form, ran.id("plan"), "-o", "-", *ran.workspace)
    assert done.returncode == 2
    assert "'-o': - is not a file name" in done.stderr
    assert not Path("-").exists()


def test_help_says_where_a_table_goes_and_when_a_study_is_made(primum: Command) -> None:
    table, again = (primum(*words, "--help").stdout for words in (("export", "csv"), ("rescore",)))
    assert "New file. Default: stdout." in table
    assert "--metrics alone stores no new study" in again
