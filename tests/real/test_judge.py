"""Plans of a real model, judged by it: what must hold whatever either says."""

import json
import re
from typing import Any

import pytest

from primum.agents.models.outcomes import Outcome
from primum.tests.real.conftest import Row, Workspace
from primum.tests.real.material import SUITE, panel, seat
from primum.tests.real.server import RealModel

pytestmark = pytest.mark.real
PLAN = r"""root ::= "1. " line "\n2. " line
line ::= "Record an electrocardiogram" | "Give " [a-z]{4,12}
"""
ADVISOR = seat(grammar=PLAN, max_tokens=60)
Judged = tuple[Row, list[Row], list[Row]]


@pytest.fixture(scope="module")
def judged(real_model: RealModel, workspace: Workspace) -> Judged:
    """The result, the answers, and the verdicts."""
    ensembles = {"name": "advisor", "graph": "solo", "generators": [ADVISOR]}
    file = workspace.write("plans", panel(real_model.url, ensembles))
    judges: dict[str, Any] = panel(real_model.url, judges=[{"matcher": "smol"}])
    judges.pop("ensembles")
    judges["models"]["smol"]["params"]["max_tokens"] = 400
    words = ("--protocol", "plan", "--matcher", workspace.write("judges", judges))
    result = workspace.run(file, *words, "--ensemble", "advisor")
    tables = ("answers", "verdicts")
    return (result, *(workspace.query(f"select * from {t} where ensemble = 'advisor'") for t in tables))  # type: ignore[return-value]  # fmt: skip


def test_every_answer_is_judged_or_says_why_not(judged: Judged) -> None:
    result, answers, verdicts = judged
    assert [answer["outcome"] for answer in answers] == [Outcome.OK] * len(SUITE.cases)
    for answer in answers:
        own = [v for v in verdicts if v["item"] == answer["item"]]
        assert len(own) == (0 if answer["unjudged"] else 4), "every option, or none"
        assert answer["scored"] == (answer["unjudged"] is None)
    ensemble = result["ensembles"][0]
    unjudged = sum(answer["unjudged"] is not None for answer in answers)
    assert ensemble["unjudged"] == unjudged
    assert ensemble["judged"] == 1 - unjudged / len(answers)


def test_no_verdict_is_invented(judged: Judged, workspace: Workspace) -> None:
    """A matched option has its verdict in a judge's reply, and its evidence in the answer."""
    _, answers, verdicts = judged
    texts = {answer["item"]: answer["text"] for answer in answers}
    turns = workspace.query("select item, text from turns where judging")
    for verdict in (v for v in verdicts if v["verdict"] != "none"):
        assert letters(verdict["evidence"]) in letters(texts[verdict["item"]])
        said = " ".join(turn["text"] for turn in turns if turn["item"] == verdict["item"])
        assert json.dumps(verdict["verdict"]) in said


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
