"""Three seats of a real model, a team and a ballot of them: what must hold whatever it says."""

import json
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from primum.agents.models.outcomes import Outcome
from primum.tests.real.conftest import Row, Workspace
from primum.tests.real.material import BOUND, FREELY_BOUND, OPTIONS, PLAIN, SUITE, THINKER, panel
from primum.tests.real.server import MODEL, RealModel

pytestmark = pytest.mark.real
SEATS = [PLAIN, BOUND, THINKER]
TEAM = {"name": "team", "graph": "panel", "generators": SEATS, "aggregator": FREELY_BOUND}
BALLOT = {"name": "ballot", "graph": "vote", "generators": SEATS, "rule": "union"}
ITEMS = len(SUITE.cases)
CONCURRENCY = 2


@dataclass(frozen=True)
class Study:
    """A study of the panel, once it is done."""

    model: RealModel
    workspace: Workspace
    result: Row
    answers: list[Row]
    turns: list[Row]
    written: int
    seconds: float

    @property
    def ensembles(self) -> list[Row]:
        """Those that ask the model."""
        return [e for e in self.result["ensembles"] if not e["name"].startswith("control:")]

    def calls(self) -> list[tuple[Row, Row]]:
        """Every request and its raw reply, from the ledger."""
        return [(json.loads(row[1]), json.loads(row[2])) for row in self._ledger()]

    def raw(self) -> dict[str, str]:
        """The text of every raw reply, by the key of its call."""
        return {row[0]: json.loads(row[2])["text"] for row in self._ledger()}

    def _ledger(self) -> list[tuple[str, str, str]]:
        with sqlite3.connect(self.workspace.folder / "ws" / "ledger.sqlite") as ledger:
            return ledger.execute("select key, request, reply from calls").fetchall()


@pytest.fixture(scope="module")
def study(real_model: RealModel, workspace: Workspace) -> Study:
    file = workspace.write("panel", panel(real_model.url, TEAM, BALLOT))
    before, started = real_model.tokens_written(), time.monotonic()
    result = workspace.run(file, "--concurrency", CONCURRENCY)
    seconds = time.monotonic() - started
    written = real_model.tokens_written() - before
    answers, turns = (workspace.query(f"select * from {table}") for table in ("answers", "turns"))
    return Study(real_model, workspace, result, answers, turns, written, seconds)


def recommended(text: str) -> set[int]:
    """What a reply recommends, read the plain way: the array or the object after the thinking."""
    said = json.loads(text.rpartition("</think>")[2])
    by_option = said.items() if isinstance(said, dict) else ((r["Option"], r) for r in said)
    return {int(option) for option, row in by_option if row["GradeAI"] == "Appropriate"}


def test_outcomes_add_up(study: Study) -> None:
    assert {"team", "ballot"} < {ensemble["name"] for ensemble in study.ensembles}
    for ensemble in study.ensembles:
        found = Counter(a["outcome"] for a in study.answers if a["ensemble"] == ensemble["name"])
        assert dict(found) == ensemble["outcomes"]
        assert found.total() == ITEMS, "an answer or a failure for every case"
        assert ensemble["coverage"] == found[Outcome.OK] / ITEMS
    for answer in study.answers:
        assert (answer["options"] is not None) == (answer["outcome"] == Outcome.OK)


def test_every_call_is_made_once_and_is_counted(study: Study) -> None:
    calls = study.calls()
    assert len(calls) == study.result["calls"]["made"]
    assert len({key for turn in study.turns for key in turn["calls"]}) == len(calls)
    assert {reply["returned_model"] for _, reply in calls} == {MODEL}


def test_no_recommendation_is_invented(study: Study) -> None:
    """A solo recommends what its raw reply says, the ballot what any of them says, no more."""
    raw = study.raw()
    answered = [answer for answer in study.answers if answer["options"] is not None]
    own = {(a["ensemble"], a["item"]): set(a["options"]) for a in answered}
    turns = [turn for turn in study.turns if turn["outcome"] == Outcome.OK and turn["calls"]]
    assert len(turns) >= 2 * ITEMS, "the bound seats can always be read"
    drafts: dict[str, set[int]] = {item.id: set() for item in SUITE.cases}
    for turn in turns:
        said = recommended(raw[turn["calls"][-1]])
        if turn["ensemble"] == "ballot":
            drafts[turn["item"]] |= said
        elif turn["ensemble"] != "team" or turn["seat"] == "aggregator":
            assert own[turn["ensemble"], turn["item"]] == said
    assert {item: own["ballot", item] for item in drafts} == drafts
    assert all(options <= {option.id for option in OPTIONS} for options in own.values())


def test_no_text_is_invented(study: Study) -> None:
    raw = study.raw()
    for turn in study.turns:
        if turn["calls"] and turn["text"]:
            assert turn["text"] in raw[turn["calls"][-1]]


def test_a_reply_without_form_is_never_an_answer(study: Study) -> None:
    """Four grades do not fit into the tokens of this seat."""
    plain = [t for t in study.turns if (t["ensemble"], t["seat"]) == ("team", "generator-1")]
    assert len(plain) == ITEMS
    assert Outcome.OK not in {turn["outcome"] for turn in plain}
    assert all(turn["reason"] for turn in plain)
    degraded = {e["name"]: e["degraded"] for e in study.ensembles}
    assert degraded["team"] == degraded["ballot"] == ITEMS


def test_turns_say_how_replies_were_asked_for(study: Study) -> None:
    asked = {"generator-2": "schema", "generator-3": "text", "aggregator": "schema"}
    turns = [turn for turn in study.turns if turn["ensemble"] == "team"]
    found = {(turn["seat"], turn["replied_as"]) for turn in turns if turn["outcome"] == Outcome.OK}
    assert found == set(asked.items())


def test_thinking_is_kept_apart(study: Study) -> None:
    """It holds an array of its own, which is neither advice nor seen by another agent."""
    raw = [reply["text"] for _, reply in study.calls() if "[1, 2]" in reply["text"]]
    assert len(raw) == ITEMS, "one for each case"
    texts = [turn["text"] for turn in study.turns if turn["text"]]
    asked = [message["content"] for request, _ in study.calls() for message in request["messages"]]
    for text in (*texts, *asked):
        assert "[1, 2]" not in text
        assert "think>" not in text


def test_tokens_are_those_of_the_server(study: Study) -> None:
    assert sum(reply["output_tokens"] for _, reply in study.calls()) == study.written
    for request, reply in study.calls():
        prompt = study.model.post("/apply-template", messages=request["messages"])["prompt"]
        tokens = study.model.post("/tokenize", content=prompt, add_special=True, parse_special=True)
        assert reply["input_tokens"] == len(tokens["tokens"])


def test_times_are_those_of_the_calls(study: Study) -> None:
    seconds = [reply["seconds"] for _, reply in study.calls()]
    assert min(seconds) > 0
    assert sum(seconds) <= CONCURRENCY * study.seconds, "the wait for a slot is not in them"
    assert all(0 <= answer["seconds"] <= study.seconds for answer in study.answers)


def test_a_replay_gives_the_same_and_asks_nobody(study: Study) -> None:
    before = study.model.tokens_written()
    again: dict[str, Any] = study.workspace.run(study.workspace.folder / "panel.yaml", "--replay")
    assert study.model.tokens_written() == before
    assert again["calls"]["made"] == 0
    assert again["ensembles"] == study.result["ensembles"]
