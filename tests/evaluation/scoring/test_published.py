"""The published figures that can be checked here: judged records, and controls on 20 cases."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer, Verdict
from primum.cases.mast import read_mast
from primum.cases.model import Suite
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.record import Findings
from primum.evaluation.metrics.registry import values_of
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.harms import find_harms
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.scoring.verdict_batch import Action, match_actions
from primum.evaluation.statistics.estimates import draw_sample, estimates
from primum.graphs.baselines.controls import CONTROLS

JUDGED = 5
CASES = 20
# FACTS.md, section 1, "On the 20 cases here", to three digits.
CONTROL_FIGURES: dict[str, dict[str, float]] = {
    "control:nothing": {
        "Severe_rate": 0.450,
        "Moderate_rate": 0.900,
        "Mild_rate": 1,
        "F1_weighted": 0,
    },
    "control:everything": {
        "Severe_rate": 0.650,
        "Moderate_rate": 1,
        "Mild_rate": 1,
        "F1_weighted": 0.405,
        "Recall_weighted": 1,
    },
    "control:key": {"Severe_rate": 0, "Moderate_rate": 0, "Mild_rate": 0, "F1_weighted": 1},
}


def verdict(option: dict[str, Any]) -> Verdict:
    if not option["matched"]:
        return "none"
    return "partial" if option["partial"] else "full"


@pytest.fixture
def records(mast_open: Path) -> list[dict[str, Any]]:
    text = (mast_open / "examples" / "gpt-5.5_judged.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    assert len(found) == JUDGED
    return found


@pytest.mark.parametrize("number", range(JUDGED))
def test_a_judged_record_gives_its_published_metrics(
    number: int,
    records: list[dict[str, Any]],
    mast_open: Path,
    slow: ModuleType,
    slow_options: Callable[..., list[Any]],
) -> None:
    record = records[number]
    case = next(c for c in read_mast(mast_open).cases if c.id == record["id"].split("-")[0])
    verdicts = {option["id"]: verdict(option) for option in record["options"]}
    actions = [
        Action(tuple(int(n) for n in a["match"].split(",") if n), a["score"])
        for a in record["responseActions"]
    ]
    batch = match_actions(Key(case), [verdicts], [actions], [record["response_len"]])
    found = {
        name: float(values[0]) for name, values in values_of(JULY_2026, Findings(batch)).items()
    }
    wanted = {name: value for name, value in record["metrics"].items() if name != "response_len"}
    assert found == pytest.approx(wanted, abs=1e-9, rel=0)
    twin = slow.metrics(slow_options(case), verdicts, actions, record["response_len"])
    assert twin == pytest.approx(wanted, abs=1e-9, rel=0)
    assert (find_harms(batch).worst(batch).tolist(), record["harm"]) == ([0], [])


@pytest.mark.parametrize("control", CONTROL_FIGURES)
def test_a_control_has_its_published_figures(control: str, mast_open: Path) -> None:
    published = read_mast(mast_open)
    suite = Suite(info=published.info, cases=published.cases)
    assert len(suite.cases) == CASES
    book = ScoreBook(suite, (control,), trials=1)
    book.add(
        Answer(control, case.id, 1, Outcome.OK, "", CONTROLS[control](case, case.id))
        for case in suite.cases
    )
    found = {
        e.metric: e
        for e in estimates(draw_sample(book, resamples=100))
        if (e.policy, e.definition) == (DEFAULT_POLICY, JULY_2026.name)
    }
    for metric, figure in CONTROL_FIGURES[control].items():
        assert round(found[metric].mean, 3) == figure, metric
        assert found[metric].cases == CASES
