"""Plans of a real model, judged by it: what must hold whatever either says."""

import json
import re
from typing import Any, NamedTuple

import pytest

from primum.agents.models.outcomes import Outcome
from primum.tests.real.conftest import Row, Workspace
from primum.tests.real.material import OPTIONS, judges, panel, seat
from primum.tests.real.server import RealModel

pytestmark = pytest.mark.real
ADVICE = "Record an electrocardiogram"
PLAN = rf"""root ::= "1. {ADVICE}\n2. Give " [a-z]{{4,12}}
"""
ROWS = ' "," '.join(rf'"{{\"option\": {option.id}, \"verdict\": \"" finding' for option in OPTIONS)
ACTION = (
    rf'"[{{\"number\": 1, \"action\": \"{ADVICE}\", \"category\": \"Diagnostic\", \"matches\": [2],"'
    r'" \"score\": 5, \"rationale\": \"\"}]"'
)
FOUND = rf"""root ::= "{{\"actions\": " {ACTION} ", \"options\": [" {ROWS} "]}}"
finding ::= "none\", \"evidence\": \"\"}}" | ("full" | "partial") "\", \"evidence\": \"{ADVICE}\"}}"
"""
ADVISOR = seat(grammar=PLAN, max_tokens=60)


class Judged(NamedTuple):
    """Whether the judge's replies can be read for certain, the result, and rows of the store."""

    readable: bool
    result: Row
    answers: list[Row]
    verdicts: list[Row]
    turns: list[Row]


@pytest.fixture(
    scope="module",
    params=[
        {},
        {"replies": "schema", "params": {"max_tokens": 240, "temperature": 0.0}},
        {"params": {"max_tokens": 400, "temperature": 0.0, "grammar": FOUND}},
    ],
    ids=["text", "schema", "formed"],
)
def judged(real_model: RealModel, tmp_path_factory: pytest.TempPathFactory, request: Any) -> Judged:
    """What became of one plan, judged in text, in JSON of a schema, and in the form asked for."""
    workspace = Workspace(tmp_path_factory.mktemp("judged"))
    advisor = {"name": "advisor", "graph": "solo", "generators": [ADVISOR]}
    plans = workspace.write("plans", panel(real_model.url, advisor))
    matcher = workspace.write("judges", judges(real_model.url, **request.param))
    words = ("--protocol", "plan", "--matcher", matcher, "--limit", 1)
    result = workspace.run(plans, *words, "--ensemble", "advisor")
    where = "where ensemble = 'advisor'"
    tables = (f"answers {where}", f"verdicts {where}", "turns where judging")
    readable = "grammar" in request.param.get("params", {})
    return Judged(
        readable, result, *(workspace.query(f"select * from {table}") for table in tables)
    )


def test_every_answer_is_judged_or_says_why_not(judged: Judged) -> None:
    assert [answer["outcome"] for answer in judged.answers] == [Outcome.OK]
    reason = judged.answers[0]["unjudged"]
    assert not (judged.readable and reason)
    assert len(judged.verdicts) == (0 if reason else len(OPTIONS)), "every option, or none"
    assert judged.answers[0]["scored"] == (reason is None)
    ensemble = judged.result["ensembles"][0]
    assert (ensemble["unjudged"], ensemble["judged"]) == ((1, 0) if reason else (0, 1))
    assert (ensemble["metrics"]["F1_weighted"]["mean"] is None) == bool(reason)


def test_no_verdict_is_invented(judged: Judged) -> None:
    """A matched option has its verdict in a judge's reply, and its evidence in the answer."""
    said = " ".join(turn["text"] or "" for turn in judged.turns)
    for verdict in (v for v in judged.verdicts if v["verdict"] != "none"):
        assert letters(verdict["evidence"]) in letters(judged.answers[0]["text"])
        assert json.dumps(verdict["verdict"]) in said


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
