"""The published kit's files, read and written as they are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from primum.cases.load import load_suite, save_suite
from primum.cases.model import Suite
from primum.core.errors import DataError
from primum.evaluation.exports.noharm_kit import dump_lines, read_answers, read_judged

RECORD: dict[str, Any] = {
    "id": "CardTiny1",
    "trial": 1,
    "judge": "someone",
    "options": [
        {"id": n, "matched": n == 2, "partial": False, "evidence": ""} for n in range(1, 8)
    ],
    "responseActions": [
        {"number": 1, "action": "Order test A", "category": "Diagnostic", "match": "2", "score": 0}
    ],
    "harm": [],
    "nonrubric_harms": [],
    "metrics": {"F1_raw": 1.0},
    "response_len": 100,
}


def test_published_files_come_back_byte_for_byte(mast_open: Path) -> None:
    examples, suite = mast_open / "examples", load_suite(str(mast_open))
    answers, judged = examples / "gpt-5.5.jsonl", examples / "gpt-5.5_judged.jsonl"
    assert dump_lines(read_answers(answers)).encode() == answers.read_bytes()
    assert dump_lines(read_judged(judged, suite)).encode() == judged.read_bytes()


def test_import_prints_every_metric_recomputed(primum: Callable[..., Any], mast_open: Path) -> None:
    file = mast_open / "examples" / "gpt-5.5_judged.jsonl"
    done = primum("import", "judged", file, "--suite", mast_open, "--json")
    assert done.returncode == 0, done.stderr
    published = [json.loads(line) for line in file.read_text().splitlines()]
    found = json.loads(done.stdout)
    assert [(r["id"], r["trial"]) for r in found] == [(r["id"], r["trial"]) for r in published]
    for ours, theirs in zip(found, published, strict=True):
        for name, value in theirs["metrics"].items():
            if name != "response_len":
                assert ours["metrics"][name] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("definition", ["2026-06", "v1"])
def test_other_definitions(
    definition: str, primum: Callable[..., Any], tiny_suite: Suite, tmp_path: Path
) -> None:
    suite, file = tmp_path / "s.jsonl", tmp_path / "j.jsonl"
    save_suite(tiny_suite, suite, "native")
    file.write_text(json.dumps(RECORD) + "\n")
    done = primum("import", "judged", file, "--suite", suite, "--metrics", definition, "--json")
    metrics = json.loads(done.stdout)[0]["metrics"]
    # Options 3 and 4 are an alternative group of score 8, left out; 5 depends on 3 and is inapplicable.
    expected = {"2026-06": ("F1_matched", 2 * 0.75 / 1.75), "v1": ("Omissions", 1)}[definition]
    assert metrics[expected[0]] == pytest.approx(expected[1])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": "Nobody1"}, "id"),
        ({"options": RECORD["options"][:3]}, "options: option 4 is not judged"),
        ({"options": [*RECORD["options"], {"id": 9, "matched": True, "partial": False}]}, "options: CardTiny1 has no option 9"),
        ({"responseActions": [{**RECORD["responseActions"][0], "score": -1}]}, "responseActions"),
        ({"responseActions": [{**RECORD["responseActions"][0], "match": "2;3"}]}, "responseActions"),
        ({"response_len": None}, "response_len"),
    ],
)  # fmt: skip
def test_a_bad_record_is_refused(
    change: dict[str, Any], place: str, tiny_suite: Suite, tmp_path: Path
) -> None:
    file = tmp_path / "j.jsonl"
    file.write_text("\n" + json.dumps({**RECORD, **change}) + "\n")
    with pytest.raises(DataError, match=rf"j\.jsonl:2: {place}"):
        read_judged(file, tiny_suite)


def test_answers_are_not_taken_for_judged_records(tiny_suite: Suite, tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text(json.dumps({"id": "CardTiny1", "trial": 1, "response": "Rest."}) + "\n")
    with pytest.raises(DataError, match="1: an answer, not a judged record; use `primum import"):
        read_judged(file, tiny_suite)
