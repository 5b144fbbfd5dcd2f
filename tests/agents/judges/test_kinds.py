"""Each kind of message that a judge sends, from the endpoint's bytes to verdicts: reader and exchange."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from primum.agents.judges.judge import Judge, judge_alone
from primum.agents.models.client import Reply, Request
from primum.agents.models.endpoints.answer import Answer, read_answer
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.reader import Normalised, Reader
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Judgement
from primum.cases.model import Suite
from primum.tests.agents.replies.kinds import FINAL, Kind, parts, tool_call

N = Normalised
MODEL = ModelSpec(id="x/oak", family="gpt", access="open")
STEPS = {2: "Order test A if BP \u2265 130", 3: "Start drug B today", 5: "Recheck after a week"}
ANSWER = "\n".join(f"{number}. {step}." for number, step in enumerate(STEPS.values(), 1))
RIGHT = {option: "full" if option in STEPS else "none" for option in range(1, 8)}
FOUND = [{"option": o, "verdict": v, "evidence": STEPS.get(o, "")} for o, v in RIGHT.items()]
ACTIONS = [
    {"number": n, "action": step, "category": "Diagnostic", "matches": [o], "score": 5, "rationale": ""}
    for n, (o, step) in enumerate(STEPS.items(), 1)
]  # fmt: skip
GOOD = {"actions": ACTIONS, "options": FOUND}
TEXT = json.dumps(GOOD, ensure_ascii=False)
DRAFT = TEXT.replace('"full"', '"partial"')


def made(**change: Callable[[Any], Any]) -> str:
    """The reply with fields made of those of each action and finding."""

    def changed(row: dict[str, Any]) -> dict[str, Any]:
        return {k: change[k](v) if k in change else v for k, v in row.items()}

    return json.dumps({key: [*map(changed, listed)] for key, listed in GOOD.items()})


def in_all(evidence: Callable[[str], str]) -> str:
    return made(evidence=lambda e: evidence(e) if e else e)


KINDS = {
    "as asked": Kind(TEXT),
    "think beside a null": Kind({"content": f"<think>\nHm {{x}}. {DRAFT}\n</think>\n{TEXT}", "reasoning_content": None}),
    "closing tag alone": Kind(f"{DRAFT}\n</think>\n{TEXT}"),
    "channels": Kind(f"<|channel|>analysis<|message|>{DRAFT}{FINAL}{TEXT}"),
    "parts": Kind(parts(("thinking", DRAFT), ("text", TEXT))),
    "reasoning_content": Kind({"content": TEXT, "reasoning_content": DRAFT}),
    "fence in capitals": Kind(f"```JSON\n{TEXT}\n```", (N.CODE_FENCE,)),
    "prose around": Kind(f"Here it is: {TEXT}\nDone.", (N.TEXT_AROUND,)),
    "trailing commas": Kind(TEXT.replace("}]", "},]"), (N.TRAILING_COMMA,)),
    "Python": Kind(repr(GOOD), (N.QUOTES,)),
    "wrapped": Kind(json.dumps({"result": GOOD}), (N.WRAPPER,)),
    "in a tool call": Kind({"content": None, "tool_calls": tool_call(TEXT)}, finish="tool_calls"),
    "content as JSON": Kind({"content": GOOD}),
    "twice alike": Kind(f"{TEXT}\n{TEXT}", (N.REPEATED,)),
    "Full, None": Kind(made(verdict=str.capitalize), (N.VERDICT,)),
    "FULL, NONE": Kind(made(verdict=str.upper), (N.VERDICT,)),
    "null for none": Kind(made(verdict=lambda v: None if v == "none" else v), (N.VERDICT,)),
    "options as texts": Kind(made(option=str), (N.NUMBER,)),
    "matches as texts": Kind(made(matches=lambda m: [*map(str, m)]), (N.NUMBER,)),
    "score 5.0": Kind(made(score=float), (N.NUMBER,)),
    "category Laboratory": Kind(made(category=lambda _: "Laboratory"), (N.UNKNOWN_CATEGORY,)),
    "category in capitals": Kind(made(category=str.upper), (N.CATEGORY,)),
    "a summary": Kind(json.dumps({**GOOD, "summary": "ok"}), (N.EXTRA_KEY,)),
    "null rationale": Kind(made(rationale=lambda _: None), (N.LEFT_OUT,)),
    "evidence in curly marks": Kind(in_all(lambda e: f"\u201c{e.replace(' ', '  ', 1)}.\u201d")),
    "evidence with no-break spaces": Kind(in_all(lambda e: e.replace(" ", "\u00a0"))),
    "evidence with >=": Kind(in_all(lambda e: e.replace("\u2265", ">="))),
    "evidence with an ellipsis": Kind(in_all(lambda e: re.sub(" .* ", " \u2026 ", e))),
    "prose": Kind("I think that the plan is fine.", outcome=Outcome.INVALID),
    "two that differ": Kind(f"{DRAFT}\n{TEXT}", outcome=Outcome.INVALID),
    "another verdict": Kind(made(verdict=lambda _: "unclear"), outcome=Outcome.INVALID),
    "evidence of its own": Kind(in_all(lambda _: "Order test Z"), outcome=Outcome.INVALID),
    "evidence with another sign": Kind(in_all(lambda e: e.replace("\u2265", "<=")), outcome=Outcome.INVALID),
    "an option missing": Kind(json.dumps({**GOOD, "options": FOUND[1:]}), outcome=Outcome.INVALID),
    "cut off": Kind(TEXT[:300], outcome=Outcome.TRUNCATED, finish="length"),
    "all thinking": Kind(f"<think>{DRAFT}", outcome=Outcome.EMPTY),
}  # fmt: skip


async def judged(kind: Kind, suite: Suite, reader: Reader) -> Judgement:
    """The judgement of a judge whose endpoint answers so, and the same if it is asked once more."""

    async def call(_request: Request, _spec: AgentSpec) -> Reply:
        return read_answer(Answer(200, {}, kind.body), {}, lambda text: text)

    matcher = Agent(seat="oak:match", role="matcher", spec=AgentSpec(model="oak"), model=MODEL)
    judge = Judge("oak", matcher, None, reader)
    return await judge_alone(judge, next(suite.items()), ANSWER, call)


@pytest.mark.parametrize("reader", Reader)
@pytest.mark.parametrize("name", KINDS)
async def test_a_message_of_a_judge(name: str, reader: Reader, tiny_suite: Suite) -> None:
    kind = KINDS[name]
    refused = reader is Reader.STRICT and kind.changes
    judgement = await judged(kind, tiny_suite, reader)
    assert judgement.outcome is (Outcome.INVALID if refused else kind.outcome), judgement.reason
    right = RIGHT if judgement.outcome is Outcome.OK else {}
    assert {v.option: v.verdict for v in judgement.verdicts} == right
    (turn,) = judgement.turns
    assert turn.changes == (() if refused else tuple(sorted(kind.changes)))
