"""The graph of layers: each layer reads the whole layer before it, the aggregator the last."""

from collections import Counter

import pytest

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.cases.model import Suite
from primum.graphs.building.builder import build
from primum.tests.graphs.building.script import (
    FAILURES,
    MENU,
    MODELS,
    PROTOCOLS,
    choose,
    failed,
    menu,
    plan,
    role_of,
    run,
    shown,
    spec,
)

DEEP = spec("layers", "ash beech", layers=["cedar date", "elm fig"], aggregator="ash")
SHALLOW = spec("layers", "ash beech", layers=["cedar date"], aggregator="elm")


def say(model: str, _: Request) -> Reply:
    return menu([1], model)


def test_the_graph_is_as_drawn() -> None:
    drawn = build(DEEP, MODELS).get_graph()
    layers = [[f"{layer}-{n}" for n in (1, 2)] for layer in ("generator", "layer-2", "layer-3")]
    wanted = [("__start__", seat) for seat in layers[0]]
    for before, after in zip(layers, [*layers[1:], ["aggregator"]], strict=True):
        wanted += [(a, b) for a in before for b in after]
    wanted.append(("aggregator", "__end__"))
    assert Counter((e.source, e.target) for e in drawn.edges) == Counter(wanted)


async def test_each_layer_reads_the_whole_one_before_and_nothing_else(tiny_suite: Suite) -> None:
    answer, asked = await run(DEEP, tiny_suite, say)
    assert (answer.outcome, answer.degraded) == (Outcome.OK, 0)
    assert [turn.seat for turn in answer.turns] == [
        *("generator-1", "generator-2", "layer-2-1", "layer-2-2"),
        *("layer-3-1", "layer-3-2", "aggregator"),
    ]
    assert {turn.role for turn in answer.turns[2:]} == {"aggregator"}
    for model, marks in (("cedar", "ash beech"), ("elm", "cedar date"), ("ash", "elm fig")):
        (read,) = shown(asked, model, "aggregator")
        tags = ('draft number="1"', 'draft number="2"')
        assert read == list(zip(tags, marks.split(), strict=True))
    assert len(asked) == DEEP.calls == 7


async def test_seats_of_one_layer_that_ask_the_same_are_samples(tiny_suite: Suite) -> None:
    team = spec("layers", "ash ash", layers=["ash ash"], aggregator="ash")
    _, asked = await run(team, tiny_suite, lambda _, r: menu([r.sample], f"s{r.sample}"))
    assert len({request.key for _, request in asked}) == 5


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_who_fails_is_left_out(tiny_suite: Suite, protocol: Protocol) -> None:
    def some(model: str, _: Request) -> Reply:
        if model in {"beech", "date"}:
            return failed(Outcome.TIMEOUT)
        return menu([1], model) if protocol is MENU else plan(f"mark {model}")

    answer, asked = await run(SHALLOW, tiny_suite, some, protocol)
    assert (answer.outcome, answer.degraded) == (Outcome.OK, 2)
    assert shown(asked, "cedar", "aggregator") == [[('draft number="1"', "ash")]]
    assert shown(asked, "elm", "aggregator") == [[('draft number="1"', "cedar")]]


@pytest.mark.parametrize("outcome", FAILURES)
async def test_a_layer_that_fails_whole_is_the_reason(outcome: Outcome, tiny_suite: Suite) -> None:
    """The generator that timed out before was made up for: its outcome is not the answer's."""

    def some(model: str, request: Request) -> Reply:
        if model == "beech":
            return failed(Outcome.TIMEOUT)
        return failed(outcome) if role_of(request) == "aggregator" else menu([1], model)

    answer, asked = await run(SHALLOW, tiny_suite, some)
    assert {name for name, _ in asked} == {"ash", "beech", "cedar", "date"}
    assert (answer.outcome, answer.recommended, answer.degraded) == (outcome, None, 3)
    assert answer.reason.startswith("no draft could be used; layer-2-1: ")


@pytest.mark.parametrize("outcome", FAILURES)
async def test_without_drafts_no_layer_speaks(outcome: Outcome, tiny_suite: Suite) -> None:
    answer, asked = await run(DEEP, tiny_suite, lambda *_: failed(outcome))
    assert {role_of(request) for _, request in asked} == {"generator"}
    assert (answer.outcome, answer.recommended, answer.degraded) == (outcome, None, 2)


@pytest.mark.parametrize("outcome", FAILURES)
async def test_a_failed_aggregator_decides(outcome: Outcome, tiny_suite: Suite) -> None:
    def some(model: str, _: Request) -> Reply:
        return failed(outcome) if model == "elm" else menu([1], model)

    answer, _ = await run(SHALLOW, tiny_suite, some)
    assert (answer.outcome, answer.recommended, answer.degraded) == (outcome, None, 1)


async def test_the_last_word_may_be_a_selection_of_the_last_layer(tiny_suite: Suite) -> None:
    team = spec("layers", "ash", layers=["cedar date"], aggregator="elm", aggregation="select")

    def some(model: str, _: Request) -> Reply:
        return choose(2) if model == "elm" else menu([NUMBER[model]], model)

    answer, _ = await run(team, tiny_suite, some)
    assert answer.recommended == (NUMBER["date"],)
    assert answer.turns[-1].about == "layer-2-2"


NUMBER = {"ash": 1, "cedar": 3, "date": 4}
