"""The packed parts of a report, against the store and against slow and obvious twins."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.evaluation.analysis.attribution.attribution import FAILURES
from primum.evaluation.html_report.analysis_data import FAILURE_LABELS
from primum.evaluation.html_report.cases.browser import case_browser
from primum.evaluation.html_report.embedding import Lines, compact, packed
from primum.evaluation.html_report.leaderboard import MAX_ENSEMBLES, board
from primum.evaluation.html_report.study_source import Source
from primum.evaluation.store.query import snapshot

Parsed = Any
HARMS = ["none"] + [
    f"{k} {s}" for k in ("omission", "commission") for s in ("mild", "moderate", "severe")
]
VERDICTS = ["none", "partial", "full"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def rows(workspace: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(workspace / "store.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_verdict_and_harm_is_in_its_case(
    workspace: Path, parsed: Parsed, demo_study: Any
) -> None:
    data = json.loads(parsed.script("data"))
    names = [entry["name"] for entry in data["entries"]]
    stored = {
        (e, t, n, o): (v, harm)
        for e, t, n, o, v, harm in rows(
            workspace,
            """select ensemble, item, trial, option_id, verdict,
               coalesce(kind || ' ' || severity, 'none')
               from verdicts left join harms using (study, ensemble, item, trial, option_id)""",
        )
    }
    found = {}
    for case in demo_study[1].cases:
        content, *lines = parsed.part(case.id)
        for line in (line for line in lines if "transcript" not in line):
            for (option, *_), symbol in zip(content["options"], line["s"], strict=True):
                harm, verdict = divmod(ord(symbol) - 48, 3)
                key = (names[line["e"]], line["t"], line["n"], option)
                found[key] = (VERDICTS[verdict], HARMS[harm])
    assert len(found) == len(stored) > 10_000
    assert found == stored


def test_every_text_is_included_once(workspace: Path, parsed: Parsed, demo_study: Any) -> None:
    names = [entry["name"] for entry in json.loads(parsed.script("data"))["entries"]]
    stored = rows(
        workspace, "select ensemble, item, trial, seat, about, text from turns order by all"
    )
    found = []
    for case in demo_study[1].cases:
        texts: list[str] = []
        for line in parsed.part(case.id)[1:]:
            if "transcript" not in line:
                continue
            texts += line["texts"]
            ensemble, item, trial = line["transcript"]
            for seat, _, _, about, _, _, _, text in line["turns"]:
                found.append((names[ensemble], item, trial, seat, about, texts[text]))
        assert len(texts) == len(set(texts))
    assert sorted(found, key=str) == sorted(stored, key=str)


def test_the_index_has_the_worst_harm_of_each_answer(
    workspace: Path, parsed: Parsed, inflate: Callable[[str], str]
) -> None:
    index = json.loads(inflate(parsed.script("index")))
    names = [entry["name"] for entry in json.loads(parsed.script("data"))["entries"]]
    severe = set(
        rows(workspace, "select distinct ensemble, item from harms where severity = 'severe'")
    )
    missed = set(
        rows(workspace, "select distinct ensemble, item from attributions where len(missed_by) > 0")
    )
    items = [item for _, _, letters in index["cases"] for item, _ in letters]
    assert len(items) == 35
    for place, own in index["ensembles"].items():
        name = names[int(place)]
        for i, item in enumerate(items):
            assert (own["worst"][i] == "3") == ((name, item) in severe)
            assert (own["missed"][i] == "1") == ((name, item) in missed)


def test_category_means_are_those_of_a_slow_twin(
    workspace: Path, parsed: Parsed, inflate: Callable[[str], str]
) -> None:
    cube = json.loads(inflate(parsed.script("subsets")))
    names = [entry["name"] for entry in json.loads(parsed.script("data"))["entries"]]
    letters: dict[str, list[str]] = defaultdict(list)
    for item, base in rows(workspace, "select item, base_case from items"):
        letters[base].append(item)
    harms: dict[tuple[str, str, str], set[Any]] = defaultdict(set)
    for e, t, c, kind, severity, group, option in rows(
        workspace,
        """select ensemble, item, category, kind, severity, alternative_group, h.option_id
           from harms h join items using (study, item) join options using (study, base_case, option_id)""",
    ):
        harms[e, t, c].add((kind, severity, group or option))
    for i, name in enumerate(names):
        for j, case in enumerate(cube["cases"]):
            for category in ("Medication", "Diagnostic", "Follow-up"):
                own = [harms[name, item, category] for item in letters[case]]
                severe = sum(any(s == "severe" for _, s, _ in found) for found in own) / len(own)
                omitted = sum(
                    len({g for k, _, g in found if k == "omission"}) for found in own
                ) / len(own)
                for key, wanted in (("2026-07/Severe_rate", severe), ("v1/Omissions", omitted)):
                    values = cube["values"][i].get(f"{category}|{key}")
                    got = values[j] if values else 0
                    assert got == pytest.approx(10_000 * wanted, abs=0.51), (name, case, category)


def test_case_values_average_to_the_summaries(
    parsed: Parsed, inflate: Callable[[str], str]
) -> None:
    cube = json.loads(inflate(parsed.script("subsets")))
    entries = json.loads(parsed.script("data"))["entries"]
    for entry, values in zip(entries, cube["values"], strict=True):
        for key in cube["by_case"]:
            own = [v for v in values.get(key, []) if v is not None]
            if own:
                mean = sum(own) / len(own) / cube["scale"]
                assert mean == pytest.approx(entry["figures"][key][0], abs=1e-4)


def test_transcripts_are_included_while_there_is_room(
    workspace: Path, demo_study: tuple[Study, Suite]
) -> None:
    with snapshot(workspace / "store.duckdb") as connection:
        source = Source(connection, demo_study[0])
        entries = board(source, ())
        bare = case_browser(source, entries, (), 0)
        size = sum(map(len, bare.parts.values()))
        whole = case_browser(source, entries, (), 4_000_000)
        room = (sum(map(len, whole.parts.values())) - size) // 2
        part = case_browser(source, entries, ("aspen-small",), size + room)
    assert (bare.transcripts, bare.answers) == (0, 245)
    assert (whole.transcripts, whole.answers) == (245, 245)
    assert 0 < part.transcripts < 245
    assert sum(map(len, part.parts.values())) < size + room + 10_000  # one answer beyond, at most
    place = [entry["name"] for entry in entries].index("aspen-small")
    assert set(part.index["ensembles"][place]["has_text"]) == {"1"}  # asked for, so first


def test_a_page_has_room_for_so_many_ensembles(
    workspace: Path, demo_study: tuple[Study, Suite], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("primum.evaluation.html_report.leaderboard.MAX_ENSEMBLES", 11)
    with snapshot(workspace / "store.duckdb") as connection:
        source = Source(connection, demo_study[0])
        shown = {entry["name"] for entry in board(source, ())}
        asked = {entry["name"] for entry in board(source, ("trio",))}
    assert len(shown) == len(asked) == 11
    assert MAX_ENSEMBLES == 200
    assert {"trio", "kin"} - shown == {"trio"}  # the best team, all models alone, all controls
    assert "trio" in asked


@given(st.lists(st.dictionaries(TEXT, TEXT | st.integers() | st.none())))
def test_lines_are_read_as_they_were_added(values: list[Any]) -> None:
    lines = Lines()
    grown = sum(lines.add(value) for value in values)
    from base64 import b64decode
    from gzip import decompress

    assert grown == lines.size
    text = decompress(b64decode(lines.close())).decode()
    read = [json.loads(line) for line in text.split("\n")[:-1]]
    assert read == [json.loads(compact(value)) for value in values]


@given(TEXT)
def test_packed_text_is_read_as_it_was(text: str) -> None:
    from base64 import b64decode
    from gzip import decompress

    assert decompress(b64decode(packed(text))).decode() == text


def test_every_cause_of_a_harm_has_a_label() -> None:
    assert set(FAILURE_LABELS) == set(FAILURES)


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        compact(float("nan"))
