"""The graph of a vote: drafts in parallel, counted by a rule; samples of one model likewise."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import ChatClient, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.studies.panel import Panel
from primum.cases.model import Suite
from primum.graphs.building.builder import build
from primum.graphs.execution.runner import Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study
from primum.tests.graphs.building.script import (
    FAILURES,
    FAILURES_OF_PLANS,
    MENU,
    MODELS,
    OPTIONS,
    PLAN,
    failed,
    menu,
    plan,
    run,
    spec,
)

MAJORITY = {"rule": "majority"}
TRIO = spec("vote", "ash beech cedar", **MAJORITY)
EVERY = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CHOSEN = {"ash": (1, 2), "beech": (2, 3), "cedar": (2, 3, 4)}


def say(model: str, _: Request) -> Reply:
    return menu(CHOSEN[model], model)


def test_the_graph_is_as_drawn() -> None:
    drawn = build(TRIO, MODELS).get_graph()
    drafts = [f"generator-{n}" for n in (1, 2, 3)]
    assert Counter((edge.source, edge.target) for edge in drawn.edges) == Counter(
        [
            *(("__start__", draft) for draft in drafts),
            *((draft, "rule") for draft in drafts),
            ("rule", "__end__"),
        ]
    )
    assert "rule" in drawn.draw_mermaid()


@pytest.mark.parametrize(
    ("rule", "recommended"),
    [
        ("union", (1, 2, 3, 4)),
        ("intersection", (2,)),
        ("majority", (2, 3)),
        ({"name": "k-of-n", "k": 1}, (1, 2, 3, 4)),
        ({"name": "k-of-n", "k": 3}, (2,)),
        ({"name": "weighted", "weights": [2.5, 1, 1]}, (1, 2)),
        ({"name": "weighted", "weights": [2, 1, 1]}, (2,)),  # 1 and 3 tie
        ({"name": "weighted", "weights": [2, 1, 1], "tie": "include"}, (1, 2, 3)),
    ],
)
async def test_the_answer_is_the_rules(
    rule: Any, recommended: tuple[int, ...], tiny_suite: Suite
) -> None:
    answer, asked = await run(spec("vote", "ash beech cedar", rule=rule), tiny_suite, say)
    assert (answer.outcome, answer.recommended) == (Outcome.OK, recommended)
    assert [name for name, _ in asked] == ["ash", "beech", "cedar"]
    last = answer.turns[-1]
    assert (last.seat, last.role, last.model, last.calls) == ("rule", "rule", "", ())
    assert [grade.option for grade in last.grades] == list(OPTIONS)
    assert last.grades[1].rationale == "3 of 3 drafts"


@given(
    st.lists(st.sets(st.sampled_from(OPTIONS)), min_size=1, max_size=5),
    st.sets(st.integers(0, 4)),
    st.sampled_from(["union", "intersection", "majority", "majority in"]),
)
@EVERY
async def test_only_usable_drafts_count(
    tiny_suite: Suite, drafts: list[set[int]], silent: set[int], named: str
) -> None:
    names = list(MODELS)[: len(drafts)]
    rule = {"name": named.split(maxsplit=1)[0], "tie": "include" if " " in named else "exclude"}

    def some(model: str, _: Request) -> Reply:
        place = names.index(model)
        return failed(Outcome.TIMEOUT) if place in silent else menu([*drafts[place]])

    answer, _ = await run(spec("vote", " ".join(names), rule=rule), tiny_suite, some)
    usable = [draft for place, draft in enumerate(drafts) if place not in silent]
    assert answer.degraded == len(drafts) - len(usable)
    if not usable:
        assert (answer.outcome, answer.recommended) == (Outcome.TIMEOUT, None)
        return
    wanted = {
        "union": {n for n in OPTIONS if any(n in draft for draft in usable)},
        "intersection": {n for n in OPTIONS if all(n in draft for draft in usable)},
        "majority": {n for n in OPTIONS if 2 * sum(n in d for d in usable) > len(usable)},
        "majority in": {n for n in OPTIONS if 2 * sum(n in d for d in usable) >= len(usable)},
    }
    assert answer.recommended == tuple(sorted(wanted[named]))


@pytest.mark.parametrize("protocol", [MENU, PLAN])
async def test_fewer_drafts_than_k_are_no_answer(tiny_suite: Suite, protocol: Any) -> None:
    """Two of three cannot be had of one: that is no recommendation of nothing."""
    team = spec("vote", "ash beech cedar", rule={"name": "k-of-n", "k": 2})

    def one(model: str, _: Request) -> Reply:
        if model == "ash":
            return menu([1]) if protocol is MENU else plan("Rest.")
        return failed(Outcome.TIMEOUT if model == "cedar" else Outcome.REFUSAL)

    answer, _ = await run(team, tiny_suite, one, protocol)
    assert (answer.outcome, answer.recommended, answer.text) == (Outcome.TIMEOUT, None, "")
    assert answer.reason == "too few drafts could be used; generator-3: it was timeout"
    assert answer.degraded == 2


@pytest.mark.parametrize("outcome", FAILURES)
async def test_a_vote_without_drafts_is_no_answer(outcome: Outcome, tiny_suite: Suite) -> None:
    answer, _ = await run(TRIO, tiny_suite, lambda *_: failed(outcome))
    assert (answer.outcome, answer.recommended, answer.degraded) == (outcome, None, 3)
    assert answer.reason.startswith("no draft could be used; generator-1: ")


@pytest.mark.parametrize("outcome", FAILURES_OF_PLANS)
async def test_a_vote_without_plans_is_no_answer(outcome: Outcome, tiny_suite: Suite) -> None:
    answer, _ = await run(TRIO, tiny_suite, lambda *_: failed(outcome), PLAN)
    assert (answer.outcome, answer.text, answer.recommended) == (outcome, "", None)


async def test_plans_are_counted_action_by_action(tiny_suite: Suite) -> None:
    plans = {
        "ash": plan("[now] Order test A. Why: it is due", "Start drug B 5 mg daily."),
        "beech": plan("Order test A today.", "Refer to cardiology."),
        "cedar": plan("Refer to cardiology.", "Start drug B 10 mg daily."),
    }
    answer, _ = await run(TRIO, tiny_suite, lambda model, _: plans[model], PLAN)
    assert answer.text == "1. [now] Order test A. Why: it is due\n2. Refer to cardiology."
    answer, _ = await run(
        spec("vote", "ash beech cedar", rule="intersection"),
        tiny_suite,
        lambda m, _: plans[m],
        PLAN,
    )
    assert (answer.outcome, answer.text) == (Outcome.OK, "No action is recommended.")


async def test_self_consistency_asks_one_model_for_samples(tiny_suite: Suite) -> None:
    team = spec("self-consistency", "ash", samples=3, **MAJORITY)
    drafts = {1: (1, 2), 2: (2, 3), 3: (2,)}
    answer, asked = await run(team, tiny_suite, lambda _, request: menu(drafts[request.sample]))
    assert [(name, request.sample) for name, request in asked] == [("ash", n) for n in (1, 2, 3)]
    assert len({request.key for _, request in asked}) == 3
    assert len({request.messages for _, request in asked}) == 1
    assert (answer.recommended, team.calls, team.members) == ((2,), 3, ("ash",))


async def test_the_first_sample_is_the_solos_own_call(
    tiny_suite: Suite, tmp_path: Path, scripted: Any
) -> None:
    """Five samples beside the solo cost five calls; a vote beside its solos none more."""
    ensembles = (
        spec("self-consistency", "ash", samples=5, **MAJORITY).model_copy(update={"name": "five"}),
        spec("self-consistency", "ash", samples=3, **MAJORITY).model_copy(update={"name": "three"}),
        spec("vote", "ash beech", **MAJORITY).model_copy(update={"name": "duo"}),
    )
    models = {name: MODELS[name] for name in ("ash", "beech")}
    panel = Panel(name="trees", models=models, ensembles=ensembles)
    client: ChatClient = scripted(lambda request: menu([request.sample]))
    study = plan_study(tiny_suite, panel, "", StudySettings(names=["five", "three", "duo"]))
    ledger = Ledger(tmp_path / "ledger.sqlite")
    answers = [answer async for answer in Runner(study, ledger, client).run(tiny_suite)]
    ledger.close()
    assert {answer.outcome for answer in answers} == {Outcome.OK}
    assert ledger.made == (5 + 1) * 3  # three letters
    assert {a.recommended for a in answers if a.ensemble == "duo"} == {(1,)}
