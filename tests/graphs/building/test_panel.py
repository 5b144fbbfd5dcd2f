"""The graph of a panel: drafts in parallel, every draft read by every critic, one last word."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.record import Question
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.graphs.building.builder import build
from primum.graphs.execution.runner import conclude_answer

NAMES = "quince medlar rowan sorbus damson sloe".split()
MODELS = {name: ModelSpec(id=f"tree/{name}-9b", family="gpt", access="open") for name in NAMES}
MARKS = dict(zip(NAMES, "one two three four five six".split(), strict=True))
FAILED = {outcome: Reply(outcome=outcome, reason=f"it was {outcome}") for outcome in Outcome} | {
    Outcome.INVALID: Reply(outcome=Outcome.OK, text="Let me think.")
}

Script = Callable[[str, Request], Awaitable[Reply]]
Asked = list[tuple[str, Request]]


def team(generators: str, critics: str = "", aggregator: str = "sloe") -> EnsembleSpec:
    return ensemble_of(
        name="orchard",
        graph="panel",
        generators=tuple(AgentSpec(model=name) for name in generators.split()),
        critics=tuple(AgentSpec(model=name) for name in critics.split()),
        aggregator=AgentSpec(model=aggregator),
    )


TEAM = team("quince medlar rowan", "sorbus damson")


async def run(spec: EnsembleSpec, suite: Suite, script: Script) -> tuple[Answer, Asked]:
    asked: Asked = []

    async def call(request: Request, agent: AgentSpec) -> Reply:
        asked.append((agent.model, request))
        return await script(agent.model, request)

    item = next(iter(suite.items()))
    question = Question(protocol=Protocol(), case=item.public, trial=1, call=call)
    async with asyncio.timeout(10):
        state = await build(spec, MODELS).ainvoke({"turns": []}, context=question)
    return conclude_answer(spec, item.id, 1, state["turns"]), asked


@pytest.fixture
def marked(approving: Callable[[Request], Reply]) -> Script:
    """Everyone approves, with a mark in place of their name; critics object to option 1."""

    async def script(model: str, request: Request) -> Reply:
        text = approving(request).text.replace("Why not.", f"mark {MARKS[model]}")
        if text == "[]":
            objection = {
                "Option": 1,
                "GradeAI": "Inappropriate",
                "Rationale": f"mark {MARKS[model]}",
            }
            text = json.dumps([objection])
        return Reply(outcome=Outcome.OK, text=text)

    return script


def failing(marked: Script, **outcomes: Outcome) -> Script:
    async def script(model: str, request: Request) -> Reply:
        return FAILED[outcomes[model]] if model in outcomes else await marked(model, request)

    return script


def read_by(asked: Asked, model: str) -> list[list[str]]:
    """The marks of what a model was shown beside the case, request by request, each once."""
    texts = [request.messages[1].content for name, request in asked if name == model]
    return [list(dict.fromkeys(re.findall(r"mark (\w+)", text))) for text in texts]


def test_the_graph_is_as_drawn() -> None:
    graph = build(TEAM, MODELS).get_graph()
    drafts = [f"generator-{n}" for n in (1, 2, 3)]
    reads = {f"critic-{c}-on-{draft}": draft for draft in drafts for c in (1, 2)}
    assert set(graph.nodes) == {"__start__", *drafts, *reads, "aggregator", "__end__"}
    assert Counter((edge.source, edge.target) for edge in graph.edges) == Counter(
        [
            *(("__start__", draft) for draft in drafts),
            *((draft, read) for read, draft in reads.items()),
            *((read, "aggregator") for read in reads),
            ("aggregator", "__end__"),
        ]
    )
    assert all(node in graph.draw_mermaid() for node in (*drafts, *reads, "aggregator"))


def test_without_critics_drafts_go_straight_to_the_aggregator() -> None:
    graph = build(team("quince medlar"), MODELS).get_graph()
    assert {(e.source, e.target) for e in graph.edges if e.target == "aggregator"} == {
        ("generator-1", "aggregator"),
        ("generator-2", "aggregator"),
    }


async def test_every_critic_reads_every_draft_once_and_the_aggregator_all_of_it(
    tiny_suite: Suite, marked: Script
) -> None:
    answer, asked = await run(TEAM, tiny_suite, marked)
    assert Counter(name for name, _ in asked) == {
        **dict.fromkeys(("quince", "medlar", "rowan"), 1),
        **dict.fromkeys(("sorbus", "damson"), 3),
        "sloe": 1,
    }
    for critic in ("sorbus", "damson"):
        assert sorted(read_by(asked, critic)) == [["one"], ["three"], ["two"]]
    ((_, last),) = [(name, request) for name, request in asked if name == "sloe"]
    parts = re.findall(
        r'<(draft number|critique of)="(\d)">\n.*?mark (\w+)', last.messages[1].content
    )
    assert parts == [
        (kind, number, mark)
        for number, draft in (("1", "one"), ("2", "two"), ("3", "three"))
        for kind, mark in (
            ("draft number", draft),
            ("critique of", "four"),
            ("critique of", "five"),
        )
    ]
    assert (answer.outcome, answer.degraded) == (Outcome.OK, 0)
    assert answer.recommended == (1, 2, 3, 4, 5, 6, 7)
    assert Counter((turn.seat, turn.about) for turn in answer.turns) == Counter(
        [
            *((f"generator-{n}", None) for n in (1, 2, 3)),
            *((f"critic-{c}", f"generator-{n}") for c in (1, 2) for n in (1, 2, 3)),
            ("aggregator", None),
        ]
    )


async def test_no_one_is_told_who_anyone_is(tiny_suite: Suite, marked: Script) -> None:
    _, asked = await run(TEAM, tiny_suite, marked)
    seen = "\n".join(m.content for _, request in asked for m in request.messages)
    assert [
        name for name in (*NAMES, "9b", "orchard", "generator-", "critic-") if name in seen
    ] == []


async def test_drafts_are_numbered_by_seat_whoever_is_done_first(
    tiny_suite: Suite, marked: Script
) -> None:
    async def slow_first(model: str, request: Request) -> Reply:
        await asyncio.sleep(0.02 if model == "quince" else 0)
        return await marked(model, request)

    _, asked = await run(team("quince medlar rowan"), tiny_suite, slow_first)
    assert read_by(asked, "sloe") == [["one", "two", "three"]]
    _, asked = await run(team("medlar rowan" + " medlar" * 7 + " quince"), tiny_suite, slow_first)
    assert read_by(asked, "sloe") == [["two", "three", "one"]]


async def test_generators_are_asked_at_the_same_time(tiny_suite: Suite, marked: Script) -> None:
    together = asyncio.Barrier(3)

    async def script(model: str, request: Request) -> Reply:
        if "Role: generator" in request.messages[0].content:
            await together.wait()
        return await marked(model, request)

    answer, _ = await run(TEAM, tiny_suite, script)
    assert answer.outcome is Outcome.OK


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OK])
async def test_a_failed_draft_is_left_out_and_the_answer_degraded(
    outcome: Outcome, tiny_suite: Suite, marked: Script
) -> None:
    answer, asked = await run(TEAM, tiny_suite, failing(marked, medlar=outcome))
    assert sorted(read_by(asked, "sorbus")) == [["one"], ["three"]]
    assert read_by(asked, "sloe") == [["one", "four", "five", "three"]]
    (last,) = (request for name, request in asked if name == "sloe")
    assert re.findall(r'<draft number="(\d)">', last.messages[1].content) == ["1", "2"]
    assert (answer.outcome, answer.degraded) == (Outcome.OK, 1)
    assert answer.recommended is not None


async def test_a_failed_critic_is_left_out_and_the_answer_degraded(
    tiny_suite: Suite, marked: Script
) -> None:
    script = failing(marked, damson=Outcome.TIMEOUT)
    answer, asked = await run(TEAM, tiny_suite, script)
    assert read_by(asked, "sloe") == [["one", "four", "two", "three"]]
    assert (answer.outcome, answer.degraded) == (Outcome.OK, 3)


@pytest.mark.parametrize(
    ("outcomes", "found", "seat"),
    [
        ("refusal timeout invalid", Outcome.TIMEOUT, "generator-2"),
        ("empty invalid provider_error", Outcome.PROVIDER_ERROR, "generator-3"),
        ("filtered timeout refusal", Outcome.FILTERED, "generator-1"),
        ("refusal truncated timeout", Outcome.TRUNCATED, "generator-2"),
        ("refusal empty invalid", Outcome.REFUSAL, "generator-1"),
        ("invalid refusal empty", Outcome.INVALID, "generator-1"),
    ],
)
async def test_without_a_draft_the_outcome_is_the_first_that_no_model_chose(
    outcomes: str, found: Outcome, seat: str, tiny_suite: Suite, marked: Script
) -> None:
    chosen = dict(zip(NAMES, map(Outcome, outcomes.split()), strict=False))
    answer, asked = await run(TEAM, tiny_suite, failing(marked, **chosen))
    assert {name for name, _ in asked} == {"quince", "medlar", "rowan"}
    assert (answer.outcome, answer.recommended, answer.degraded) == (found, None, 3)
    assert seat in answer.reason
    assert found is Outcome.INVALID or f"it was {found}" in answer.reason


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OK])
async def test_a_failed_aggregator_decides_the_outcome(
    outcome: Outcome, tiny_suite: Suite, marked: Script
) -> None:
    answer, _ = await run(TEAM, tiny_suite, failing(marked, sloe=outcome))
    assert (answer.outcome, answer.recommended, answer.degraded) == (outcome, None, 1)
    assert answer.reason
    assert len(answer.turns) == 10
