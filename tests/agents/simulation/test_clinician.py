"""agents/simulation/clinician.py: seeded clinicians whose errors are as their profile says."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primum.agents.models.client import Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.replies.menu import Grade
from primum.agents.simulation.clinician import (
    AnswerKey,
    SimulatedCall,
    SimulatedModels,
    UnknownCaseError,
    believes,
)
from primum.agents.simulation.profiles import Profile, default_profiles
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Answer, Caller, Turn
from primum.cases.load import load_suite
from primum.cases.model import Case, Item, Suite
from primum.evaluation.metrics.registry import column_names
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.estimates import mean_over_variants
from primum.tests.agents.roles.roles import aggregate, criticise, generate, revise, select

PROFILES = default_profiles()
UNSURE: dict[str, Any] = {
    "family": "sim-aspen",
    "recall": {"severe": 60, "moderate": 60, "mild": 60},
    "false_positive": {"severe": 40, "moderate": 40, "mild": 40, "uncertain": 50},
}
MENU = Protocol()
HALF = Profile.model_validate(UNSURE)
MANY = 2000
PUBLISHED = (
    ("Severe_rate", 0.096, 0.222),
    ("Recall_raw", 0.52, 0.86),
    ("Precision_raw", 0.34, 0.64),
)
EVERY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GRADES = st.lists(st.booleans(), min_size=7, max_size=7)


def profile(**changed: Any) -> Profile:
    return Profile.model_validate({**UNSURE, **changed})


def wide_key(score: int, case: str = "Wide1", item: str = "Wide1") -> AnswerKey:
    return AnswerKey(case=case, item=item, scores=dict.fromkeys(range(MANY), score))


def beliefs(of: Profile, model: str, key: AnswerKey, trial: int = 1) -> list[bool]:
    return [believes(of, model, key, option, trial) for option in key.scores]


def agreement(a: list[bool], b: list[bool]) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def agent(role: str) -> Agent:
    model = ModelSpec(id="sim/ash", family="sim-aspen", access="open")
    return Agent(seat=f"{role}-1", role=role, spec=AgentSpec(model="ash"), model=model)


def clinic_of(suite: Suite, of: Profile = HALF, model: str = "ash") -> Caller:
    """A way to a simulated clinician who knows the suite's key."""
    simulated_models = SimulatedModels()
    revision = simulated_models.register(suite)

    async def call(request: Request, _: AgentSpec) -> Reply:
        messages = [message.model_dump() for message in request.messages]
        text = simulated_models.reply(messages, SimulatedCall(model, of, revision, request.trial))
        return Reply(outcome=Outcome.OK, text=text)

    return call


def first(suite: Suite) -> Item:
    return next(iter(suite.items()))


def key_of(item: Item) -> AnswerKey:
    scores = {option.id: option.score for option in item.case.options}
    return AnswerKey(case=item.case.id, item=item.id, scores=scores)


def said(grades: dict[int, bool], seat: str, about: str | None = None) -> Turn:
    """A turn as if an agent had graded so."""
    rows = [
        Grade.model_validate({"Option": n, "GradeAI": "Appropriate" if yes else "Inappropriate"})
        for n, yes in grades.items()
    ]
    role: str = "critic" if about else "generator"
    return Turn(seat, role, "elm", Outcome.OK, "", tuple(rows), (), about)


def verdicts(turn: Turn) -> dict[int, bool]:
    assert turn.outcome is Outcome.OK
    return {grade.option: grade.appropriate for grade in turn.grades}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("score", range(1, 10))
def test_rates_over_many_options_agree_with_the_profile(name: str, score: int) -> None:
    rate = PROFILES[name].rate(score)
    hits = sum(beliefs(PROFILES[name], name, wide_key(score)))
    assert abs(hits - MANY * rate) <= 4.5 * (MANY * rate * (1 - rate)) ** 0.5


@pytest.mark.parametrize("percent", [0, 100])
def test_a_rate_of_none_or_all_is_exact(percent: int) -> None:
    tiers = dict.fromkeys(("severe", "moderate", "mild"), percent)
    sure = profile(recall=tiers, false_positive={**tiers, "uncertain": percent})
    for score in range(1, 10):
        assert set(beliefs(sure, "ash", wide_key(score))) == {percent == 100}


def test_the_same_seed_gives_the_same_beliefs_and_another_gives_others() -> None:
    key = wide_key(8)
    assert beliefs(HALF, "ash", key) == beliefs(profile(), "ash", key)
    assert abs(agreement(beliefs(HALF, "ash", key), beliefs(profile(seed=1), "ash", key))) < 0.12


@pytest.mark.parametrize("score", [2, 5, 8])
def test_errors_are_shared_within_a_family_more_than_between_and_not_at_all_unless_told(
    score: int,
) -> None:
    def errors(model: str, family: str, **shares: float) -> list[bool]:
        return beliefs(profile(family=family, **shares), model, wide_key(score))

    shares = {"correlation": 0.45, "difficulty": 0.15}
    oak = errors("oak", "sim-aspen", **shares)
    within = agreement(oak, errors("elm", "sim-aspen", **shares))
    between = agreement(oak, errors("ash", "sim-cedar", **shares))
    alone = agreement(errors("oak", "sim-aspen"), errors("elm", "sim-aspen"))
    # With thresholds near the middle phi is about 2/pi asin(r): .41 for r = .6, .10 for r = .15.
    assert within == pytest.approx(0.41, abs=0.08)
    assert between == pytest.approx(0.10, abs=0.08)
    assert alone == pytest.approx(0, abs=0.08)


def test_a_family_that_shares_everything_errs_as_one() -> None:
    one = profile(correlation=1.0)
    assert beliefs(one, "oak", wide_key(8)) == beliefs(one, "elm", wide_key(8))


def test_what_is_hard_is_missed_and_done_wrongly_alike() -> None:
    hard = profile(difficulty=1.0)
    missed = [not held for held in beliefs(hard, "oak", wide_key(8))]
    assert missed == beliefs(hard, "elm", wide_key(2))


def test_a_consistent_clinician_holds_the_same_of_every_variant_and_trial() -> None:
    base, variant = wide_key(8), wide_key(8, item="Wide1-0")
    steady, shaky = profile(consistency=1.0), profile(consistency=0.7)
    assert beliefs(steady, "ash", base) == beliefs(steady, "ash", variant)
    assert beliefs(steady, "ash", base) == beliefs(steady, "ash", base, trial=2)
    for other in (beliefs(shaky, "ash", variant), beliefs(shaky, "ash", base, trial=2)):
        assert 0.3 < agreement(beliefs(shaky, "ash", base), other) < 0.8
    assert (
        abs(agreement(beliefs(steady, "ash", base), beliefs(steady, "ash", wide_key(8, "Else"))))
        < 0.12
    )


async def test_a_draft_is_what_the_clinician_believes_of_base_and_variant(
    tiny_suite: Suite,
) -> None:
    for item in tiny_suite.items():
        turn = await generate(agent("generator"), MENU, item.public, clinic_of(tiny_suite), 2)
        key = key_of(item)
        assert verdicts(turn) == {n: believes(HALF, "ash", key, n, 2) for n in key.scores}
        assert len(turn.calls) == 1


@EVERY
@given(GRADES)
def test_a_critic_flags_exactly_what_it_believes_otherwise(
    tiny_suite: Suite, draft: list[bool]
) -> None:
    item, key = first(tiny_suite), key_of(first(tiny_suite))
    graded = dict(zip(key.scores, draft, strict=True))
    critic = criticise(
        agent("critic"), MENU, item.public, said(graded, "generator-1"), clinic_of(tiny_suite), 1
    )
    own = {n: believes(HALF, "ash", key, n, 1) for n in key.scores}
    assert verdicts(asyncio.run(critic)) == {n: own[n] for n in own if own[n] is not graded[n]}


@EVERY
@given(
    st.lists(GRADES, min_size=1, max_size=4),
    st.lists(st.dictionaries(st.integers(1, 7), st.booleans()), max_size=4),
)
def test_an_aggregator_weighs_drafts_whole_and_objections_half_and_breaks_ties_itself(
    tiny_suite: Suite, drafts: list[list[bool]], critiques: list[dict[int, bool]]
) -> None:
    item, key = first(tiny_suite), key_of(first(tiny_suite))
    turns = numbered(key, drafts)
    turns += [said(changes, f"critic-{n}", "generator-1") for n, changes in enumerate(critiques, 1)]
    turn = asyncio.run(
        aggregate(agent("aggregator"), MENU, item.public, turns, clinic_of(tiny_suite), 1)
    )
    for column, option in enumerate(key.scores):
        votes = [2 if draft[column] else -2 for draft in drafts]
        votes += [1 if changes[option] else -1 for changes in critiques if option in changes]
        own = believes(HALF, "ash", key, option, 1)
        assert verdicts(turn)[option] == (own if sum(votes) == 0 else sum(votes) > 0)


@EVERY
@given(st.lists(GRADES, min_size=2, max_size=4))
def test_a_selector_takes_the_draft_nearest_to_its_own_beliefs_the_first_of_several(
    tiny_suite: Suite, drafts: list[list[bool]]
) -> None:
    item, key = first(tiny_suite), key_of(first(tiny_suite))
    own = [believes(HALF, "ash", key, option, 1) for option in key.scores]
    turns = numbered(key, drafts)
    reader = agent("aggregator")
    call = clinic_of(tiny_suite)
    turn = asyncio.run(select(reader, MENU, item.public, turns, call, 1))
    apart = [sum(a != b for a, b in zip(draft, own, strict=True)) for draft in drafts]
    assert turn.outcome is Outcome.OK
    assert turn.about == f"generator-{apart.index(min(apart)) + 1}"
    assert turn.grades == turns[apart.index(min(apart))].grades


@EVERY
@given(GRADES, st.lists(GRADES, min_size=1, max_size=4))
def test_a_debater_goes_with_the_majority_and_on_a_tie_stays_or_gives_way(
    tiny_suite: Suite, mine: list[bool], others: list[list[bool]]
) -> None:
    item, key = first(tiny_suite), key_of(first(tiny_suite))
    own, *rest = numbered(key, [mine, *others])
    call = clinic_of(tiny_suite)
    turn = asyncio.run(revise(agent("generator"), MENU, item.public, [own, *rest], 2, call, 1))
    assert (turn.role, turn.round, turn.seat) == ("debater", 2, "generator-1")
    for column, option in enumerate(key.scores):
        yes = sum(draft[column] for draft in (mine, *others))
        no = len(others) + 1 - yes
        assert yes == no or verdicts(turn)[option] == (yes > no)


def test_ties_of_a_debate_go_either_way(tiny_suite: Suite) -> None:
    """Of the 21 options of the tiny suite's letters, each debater keeps some and gives up some."""
    kept: list[bool] = []
    for item in tiny_suite.items():
        key = key_of(item)
        own, other = numbered(key, [[True] * 7, [False] * 7])
        call = clinic_of(tiny_suite)
        turn = asyncio.run(revise(agent("generator"), MENU, item.public, [own, other], 2, call, 1))
        kept += verdicts(turn).values()
    assert {*kept} == {True, False}


def numbered(key: AnswerKey, drafts: list[list[bool]]) -> list[Turn]:
    return [
        said(dict(zip(key.scores, draft, strict=True)), f"generator-{n}")
        for n, draft in enumerate(drafts, 1)
    ]


def annotate(suite: Suite, score: Callable[[int], int], word: str) -> Suite:
    """The suite with other annotations: scores, reasons, groups, the specialists' own plan."""

    def annotated(case: Case) -> Case:
        words = {name: f"{word}-{name}" for name in ("reason", "guideline", "abstraction")}
        options = tuple(
            o.model_copy(update={"score": score(o.score), **words}) for o in case.options
        )
        plan = case.case.model_copy(update={"recommendations": f"{word}-plan"})
        return case.model_copy(update={"options": options, "case": plan})

    return suite.model_copy(update={"cases": tuple(annotated(case) for case in suite.cases)})


async def test_the_key_reaches_clinicians_by_registration_never_through_the_messages(
    tiny_suite: Suite,
) -> None:
    tiers = ("severe", "moderate", "mild")
    never = dict.fromkeys((*tiers, "uncertain"), 0.0)
    sure = profile(recall=dict.fromkeys(tiers, 100.0), false_positive=never)
    asked: list[Message] = []
    drafts = []
    for suite in (annotate(tiny_suite, int, "one"), annotate(tiny_suite, lambda s: 10 - s, "two")):
        answer, case = clinic_of(suite, sure), first(suite).public

        async def call(request: Request, by: AgentSpec, answer: Caller = answer) -> Reply:
            asked.extend(request.messages)
            return await answer(request, by)

        draft = said(dict.fromkeys(range(1, 8), True), "generator-1")
        drafts.append(verdicts(await generate(agent("generator"), MENU, case, call, 1)))
        await criticise(agent("critic"), MENU, case, draft, call, 1)
        await aggregate(agent("aggregator"), MENU, case, [draft], call, 1)
    assert asked[:6] == asked[6:]
    assert drafts[0] != drafts[1]
    text = " ".join(message.content for message in asked)
    assert not [word for word in ("one-", "two-", "score", "8", "9") if word in text]


@pytest.mark.parametrize("stranger", ["letter", "revision", "prompt"])
def test_a_case_of_no_registered_suite_is_unknown(stranger: str, tiny_suite: Suite) -> None:
    simulated_models = SimulatedModels()
    revision = simulated_models.register(tiny_suite)
    letter = first(tiny_suite).presentation
    user = f"<case>\n{letter}\n</case>\n\n<menu>\n1: Counseling: Talk\n</menu>"
    if stranger == "letter":
        user = user.replace("tiny", "large")
    if stranger == "revision":
        revision = SimulatedModels().register(annotate(tiny_suite, lambda s: 10 - s, "two"))
    if stranger == "prompt":
        user = letter
    messages = [
        {"role": "system", "content": "Role: generator"},
        {"role": "user", "content": user},
    ]
    with pytest.raises(UnknownCaseError):
        simulated_models.reply(messages, SimulatedCall("ash", HALF, revision, 1))


async def test_each_default_clinician_alone_is_within_what_31_models_were_published_with() -> None:
    """FACTS: severe harm 9.6 to 22.2% of cases, recall .52 to .86, precision .34 to .64."""
    suite = load_suite("demo")
    book = ScoreBook(suite, tuple(PROFILES), 1)
    for name, of in PROFILES.items():
        # LiteLLM hands a provider its model's name without the prefix.
        call = clinic_of(suite, of, name.removeprefix("sim/"))
        for item in suite.items():
            turn = await generate(agent("generator"), MENU, item.public, call, 1)
            chosen = tuple(n for n, yes in verdicts(turn).items() if yes)
            book.add([Answer(name, item.id, 1, Outcome.OK, "", chosen)])
    means = np.nanmean(mean_over_variants(book, book.cube), axis=1)
    found = {
        metric: means[:, column_names().index(("2026-07", metric))]
        for metric in ("Severe_rate", "Recall_raw", "Precision_raw", "F1_weighted")
    }
    assert len(PROFILES) == 7
    for metric, lowest, highest in PUBLISHED:
        assert ((found[metric] >= lowest) & (found[metric] <= highest)).all(), (metric, found)
    assert len(set(found["F1_weighted"].round(4))) == 7
