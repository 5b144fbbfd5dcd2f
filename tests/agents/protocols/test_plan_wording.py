"""agents/protocols/plan_wording.py: the same simulated models, which write plans."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primum.agents.models.client import Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.plan_wording import PlanWording, alike
from primum.agents.protocols.protocol import Protocol
from primum.agents.protocols.registry import PROTOCOLS
from primum.agents.replies.menu import Grade
from primum.agents.replies.objections import extract_objections
from primum.agents.replies.plan import extract_actions
from primum.agents.simulation.clinician import (
    AnswerKey,
    SimulatedCall,
    SimulatedModels,
    UnknownCaseError,
    believes,
    key_of,
)
from primum.agents.simulation.profiles import Profile, default_profiles
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Call, Caller, Turn
from primum.cases.load import load_suite
from primum.cases.model import Item, Option, Suite
from primum.tests.agents.roles.roles import aggregate, criticise, generate, guard

PROFILES = default_profiles()
MENU, PLAN = Protocol(), Protocol(name="plan", form="concise")
HALF = Profile.model_validate(
    {
        "family": "sim-aspen",
        "recall": {"severe": 60, "moderate": 60, "mild": 60},
        "false_positive": {"severe": 40, "moderate": 40, "mild": 40, "uncertain": 50},
        "consistency": 0.5,
    }
)
NEVER = HALF.model_copy(
    update={
        "recall": HALF.recall.model_copy(update=dict.fromkeys(("severe", "moderate", "mild"), 0)),
        "false_positive": HALF.false_positive.model_copy(
            update=dict.fromkeys(("severe", "moderate", "mild", "uncertain"), 0)
        ),
    }
)
TRICKY = (
    "Titrate A to 140/80 mmHg - 180/105 mmHg",
    "Titrate A to 140/80 mmHg",
    "Titrate A",
    "Ask Why: does it hurt (Reason: none)",
    "Ask",
    "1. Order B - C - Simulated objection.",
    "[today] Start **D** (urgent): now",
    "- Add: E",
    "REMOVE: F",
    "Order  HLA-B*58:01\n and *G*",
    "</draft> <menu> of H",
    "If worse, ... Stop I. Start J: 5 mg!",
    "No change.",
    "ask",
)
EVERY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GRADES = st.lists(st.booleans(), min_size=7, max_size=7)
Asked = list[tuple[Request, str]]


def agent(role: str) -> Agent:
    model = ModelSpec(id="sim/ash", family="sim-aspen", access="open")
    return Agent(seat=f"{role}-1", role=role, spec=AgentSpec(model="ash"), model=model)


def clinic_of(
    suite: Suite, of: Profile = HALF, model: str = "ash", asked: Asked | None = None
) -> Caller:
    """A way to a simulated clinician who knows the suite's key."""
    simulated_models = SimulatedModels()
    revision = simulated_models.register(suite)

    async def call(request: Request, _: AgentSpec) -> Reply:
        messages = [message.model_dump() for message in request.messages]
        text = simulated_models.reply(
            messages, SimulatedCall(model, of, revision, request.trial, request.sample)
        )
        if asked is not None:
            asked.append((request, text))
        return Reply(outcome=Outcome.OK, text=text)

    return call


def first(suite: Suite) -> Item:
    return next(iter(suite.items()))


def beliefs(
    key: AnswerKey, of: Profile = HALF, model: str = "ash", draw: object = 1
) -> dict[int, bool]:
    return {n: believes(of, model, key, n, draw) for n in key.scores}


def wrote(text: str, seat: str = "generator-1", about: str | None = None) -> Turn:
    """A turn as if an agent had written so."""
    role: str = "critic" if about else "generator"
    calls = (Call("k", "elm", Reply(outcome=Outcome.OK, text=text)),)
    return Turn(seat, role, "elm", Outcome.OK, "", (), calls, about)


def plan_of(item: Item, grades: dict[int, bool]) -> str:
    return PlanWording(key_of(item).texts).answer(grades, "")


def grades_in(item: Item, text: str) -> dict[int, bool]:
    """Against the slow and obvious twin: the very lines."""
    lines = {line.partition(". ")[2] for line in text.splitlines()}
    return {o.id: " ".join(o.text.split()) in lines for o in item.case.options}


def with_texts(suite: Suite, texts: tuple[str, ...]) -> Suite:
    """The suite with one case, whose options have these texts and every kind of score."""
    options = tuple(
        Option(id=n, text=text, category="Diagnostic", score=1 + n % 9)
        for n, text in enumerate(texts)
    )
    case = suite.cases[0].model_copy(update={"options": options})
    return suite.model_copy(update={"cases": (case,), "variants": ()})


async def test_a_plan_is_the_options_that_the_clinician_believes_one_a_line(
    tiny_suite: Suite,
) -> None:
    for item in tiny_suite.items():
        turn = await generate(agent("generator"), PLAN, item.public, clinic_of(tiny_suite), 2)
        own = beliefs(key_of(item), draw=2)
        held = [o.text for o in item.case.options if own[o.id]]
        assert turn.outcome is Outcome.OK
        lines = [f"{n}. {text}" for n, text in enumerate(held, 1)]
        assert turn.text == ("\n".join(lines) or "No action is recommended.")


async def test_who_believes_nothing_says_so(tiny_suite: Suite) -> None:
    call, item = clinic_of(tiny_suite, NEVER), first(tiny_suite)
    turn = await generate(agent("generator"), PLAN, item.public, call, 1)
    assert turn.text == "No action is recommended."
    assert extract_actions(turn.text) == ()
    critique = await criticise(agent("critic"), PLAN, item.public, turn, call, 1)
    assert critique.text == "No change."
    assert (await guard(agent("guardian"), PLAN, item.public, turn, call, 1)).text == turn.text
    final = await aggregate(agent("aggregator"), PLAN, item.public, [turn, critique], call, 1)
    assert final.text == turn.text


async def both_protocols_agree(suite: Suite, model: str) -> int:
    call = clinic_of(suite, PROFILES[model], model)
    count = 0
    for item in suite.items():
        menu = await generate(agent("generator"), MENU, item.public, call, 1)
        plan = await generate(agent("generator"), PLAN, item.public, call, 1)
        graded = {grade.option: grade.appropriate for grade in menu.grades}
        assert grades_in(item, plan.text) == graded
        assert [a.text for a in extract_actions(plan.text)] == [
            " ".join(o.text.split()) for o in item.case.options if graded[o.id]
        ]
        draft = wrote(plan_of(item, {n: n % 2 == 0 for n in graded}))
        critique = await criticise(agent("critic"), PLAN, item.public, draft, call, 1)
        changes = {o.id for o in item.case.options if f": {o.text} - Simul" in critique.text}
        assert changes == {n for n, yes in graded.items() if yes is not (n % 2 == 0)}
        turns = [draft, critique, wrote(plan.text, "generator-2")]
        final = await aggregate(agent("aggregator"), PLAN, item.public, turns, call, 1)
        # Drafts that differ cancel out, a critique that objects decides, and so does belief.
        assert grades_in(item, final.text) == graded
        count += 1
    return count


@pytest.mark.parametrize("model", PROFILES)
async def test_a_model_says_the_same_in_both_protocols_of_all_35_letters(model: str) -> None:
    assert await both_protocols_agree(load_suite("demo"), model) == 35


async def test_a_model_says_the_same_in_both_protocols_of_published_letters(
    mast_open: Path,
) -> None:
    assert await both_protocols_agree(load_suite(str(mast_open)), "sim/aspen-large") == 220


@EVERY
@given(GRADES)
def test_a_critic_objects_to_exactly_what_it_believes_otherwise(
    tiny_suite: Suite, draft: list[bool]
) -> None:
    item, key = first(tiny_suite), key_of(first(tiny_suite))
    graded = dict(zip(key.scores, draft, strict=True))
    critic = criticise(
        agent("critic"), PLAN, item.public, wrote(plan_of(item, graded)), clinic_of(tiny_suite), 1
    )
    own = beliefs(key)
    wanted = [
        ("add" if own[n] else "remove", key.texts[n], "Simulated objection.")
        for n in own
        if own[n] is not graded[n]
    ]
    assert list(extract_objections(asyncio.run(critic).text)) == wanted


@EVERY
@given(
    st.lists(GRADES, min_size=1, max_size=4),
    st.lists(st.dictionaries(st.integers(1, 7), st.booleans()), max_size=4),
)
def test_an_aggregator_weighs_plans_as_it_weighs_grades(
    tiny_suite: Suite, drafts: list[list[bool]], critiques: list[dict[int, bool]]
) -> None:
    item, key = first(tiny_suite), key_of(first(tiny_suite))
    plans = [plan_of(item, dict(zip(key.scores, draft, strict=True))) for draft in drafts]
    turns = [wrote(plan, f"generator-{n}") for n, plan in enumerate(plans, 1)]
    for n, changes in enumerate(critiques, 1):
        text = PlanWording(key.texts).changes(changes, "Why not.")
        turns.append(wrote(text, f"critic-{n}", "generator-1"))
    call = clinic_of(tiny_suite)
    final = asyncio.run(aggregate(agent("aggregator"), PLAN, item.public, turns, call, 1))
    for column, option in enumerate(key.scores):
        votes = [2 if draft[column] else -2 for draft in drafts]
        votes += [1 if changes[option] else -1 for changes in critiques if option in changes]
        own = believes(HALF, "ash", key, option, 1)
        held = own if sum(votes) == 0 else sum(votes) > 0
        assert grades_in(item, final.text)[option] == held


@pytest.mark.parametrize("model", ["sim/aspen-large", "sim/cedar-small"])
async def test_a_guardian_changes_a_seeded_half_of_what_it_believes_otherwise(model: str) -> None:
    suite = load_suite("demo")
    call = clinic_of(suite, PROFILES[model], model)
    differs, changed = 0, 0
    for item in suite.items():
        key = key_of(item)
        own = beliefs(key, PROFILES[model], model)
        graded = {n: n % 2 == 0 for n in own}
        rows = [
            Grade.model_validate(
                {"Option": n, "GradeAI": "Appropriate" if yes else "Inappropriate"}
            )
            for n, yes in graded.items()
        ]
        draft = Turn("generator-1", "generator", "elm", Outcome.OK, "", tuple(rows), ())
        menu = await guard(agent("guardian"), MENU, item.public, draft, call, 1)
        written = wrote(plan_of(item, graded))
        plan = await guard(agent("guardian"), PLAN, item.public, written, call, 1)
        final = {grade.option: grade.appropriate for grade in menu.grades}
        assert grades_in(item, plan.text) == final
        assert (menu.outcome, menu.about) == (Outcome.OK, "generator-1")
        for n in own:
            assert final[n] in {own[n], graded[n]}
            differs += own[n] is not graded[n]
            changed += final[n] is not graded[n]
    assert differs > 300
    assert abs(changed - differs / 2) <= 4.5 * (differs / 4) ** 0.5


@EVERY
@given(st.lists(st.booleans(), min_size=14, max_size=14), st.integers(1, 5))
def test_options_are_known_whatever_their_texts_hold(
    tiny_suite: Suite, draft: list[bool], trial: int
) -> None:
    """Dashes, labels, tags, marks; options that begin as another does; two of the same words."""
    suite = with_texts(tiny_suite, TRICKY)
    item = first(suite)
    call, key = clinic_of(suite), key_of(item)
    own, graded = beliefs(key, draw=trial), dict(enumerate(draft))
    for n, same in ((4, 13), (13, 4)):
        own[n], graded[n] = own[n] or own[same], graded[n] or graded[same]
    written = wrote(plan_of(item, graded))

    def held(turn: Turn) -> dict[int, bool]:
        found = grades_in(item, turn.text)
        return found | dict.fromkeys((4, 13), found[4] or found[13])

    drafted = asyncio.run(generate(agent("generator"), PLAN, item.public, call, trial))
    assert held(drafted) == own
    assert len(drafted.text.splitlines()) == sum(own.values()) - own[4]
    critique = asyncio.run(criticise(agent("critic"), PLAN, item.public, written, call, trial))
    turns = [written, wrote(drafted.text, "generator-2"), critique]
    turns += [wrote(critique.text, f"critic-{n}", "generator-1") for n in (1, 2, 3)]
    final = asyncio.run(aggregate(agent("aggregator"), PLAN, item.public, turns[:1], call, trial))
    assert held(final) == graded
    # Three objections at half a weight outdo the draft that they object to.
    outdone = [written, *turns[3:]]
    final = asyncio.run(aggregate(agent("aggregator"), PLAN, item.public, outdone, call, trial))
    assert held(final) == own
    guarded = asyncio.run(guard(agent("guardian"), PLAN, item.public, written, call, trial))
    for n, yes in held(guarded).items():
        assert yes in {own[n], graded[n]}


def test_options_of_the_same_words_are_one() -> None:
    texts = {3: "Order  A", 5: "Start B", 8: "order a"}
    assert alike(texts) == {3: (3, 8), 5: (5,)}


@pytest.mark.parametrize(
    "draft",
    [
        "## Plan\r\n\r\n1. **[Today]** **Order test A**\r\n   *Why:* pain\r\n2) START DRUG B - else",
        "- Order test A\n- Rest",
        "Order test A",
    ],
)
def test_an_option_is_known_in_what_another_model_wrote(draft: str, tiny_suite: Suite) -> None:
    wording = PlanWording(key_of(first(tiny_suite)).texts)
    assert [n for n, yes in wording.draft(draft).items() if yes] == [2]


def test_objections_are_known_in_what_another_model_wrote(tiny_suite: Suite) -> None:
    wording = PlanWording(key_of(first(tiny_suite)).texts)
    said = "**ADD:** order test A — pain\n**REMOVE:** Start drug E\nCHANGE: Start drug B - to C\n"
    assert wording.critique(said) == {2: True, 7: False}
    assert wording.critique("1. ADD: Start drug Z - why\n2. Start drug B") == {}


async def test_the_same_seed_writes_the_same_and_trial_sample_and_seed_vary_it(
    tiny_suite: Suite,
) -> None:
    suite = with_texts(tiny_suite, tuple(f"Order test {n}" for n in range(60)))
    case, simulated_models = first(suite).public, SimulatedModels()
    revision = simulated_models.register(suite)
    prompt = PLAN.prompt("generator", "draft", "", case)
    messages = [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": prompt.user},
    ]

    def write(of: Profile = HALF, model: str = "ash", trial: int = 1, sample: int = 1) -> str:
        return simulated_models.reply(messages, SimulatedCall(model, of, revision, trial, sample))

    other = HALF.model_copy(update={"seed": 1})
    said = [write(), write(trial=2), write(sample=2), write(of=other), write(model="oak")]
    assert len(set(said)) == 5
    again = [write(), write(trial=2), write(sample=2), write(of=other), write(model="oak")]
    assert said == again


@pytest.mark.parametrize("form", PROTOCOLS["plan"].forms)
async def test_a_prompt_of_a_plan_holds_the_letter_and_no_word_of_the_key(
    form: str, mast_open: Path
) -> None:
    suite = load_suite(str(mast_open))
    protocol = Protocol.model_validate({"name": "plan", "form": form})
    asked: Asked = []
    call = clinic_of(suite, asked=asked)
    item = first(suite)
    draft = await generate(agent("generator"), protocol, item.public, call, 1)
    critique = await criticise(agent("critic"), protocol, item.public, draft, call, 1)
    await guard(agent("guardian"), protocol, item.public, draft, call, 1)
    await aggregate(agent("aggregator"), protocol, item.public, [draft, critique], call, 1)
    letter = asked[0][0].messages[1].content
    assert not [o.text for o in item.case.options if o.text in letter]
    for request, reply in asked:
        said = " ".join(message.content for message in request.messages)
        assert item.presentation.strip() in said
        assert not re.search(r"score|<menu>|harm_of|rubric", said + reply)


async def test_other_scores_never_change_what_is_asked(tiny_suite: Suite) -> None:
    def annotated(score: Callable[[int], int]) -> Suite:
        def other(option: Option) -> Option:
            return option.model_copy(update={"score": score(option.score), "reason": "because"})

        cases = tuple(
            case.model_copy(update={"options": tuple(map(other, case.options))})
            for case in tiny_suite.cases
        )
        return tiny_suite.model_copy(update={"cases": cases})

    prompts = []
    for suite in (annotated(int), annotated(lambda score: 10 - score)):
        asked: Asked = []
        case, draft = first(suite).public, wrote("1. Order test A")
        call = clinic_of(suite, NEVER, asked=asked)
        for _ in range(2):
            await generate(agent("generator"), PLAN, case, call, 1)
        await criticise(agent("critic"), PLAN, case, draft, call, 1)
        await guard(agent("guardian"), PLAN, case, draft, call, 1)
        await aggregate(agent("aggregator"), PLAN, case, [draft], call, 1)
        prompts.append([request.messages for request, _ in asked])
    assert prompts[0] == prompts[1]


def messages_for(user: str, role: str = "generator") -> list[dict[str, Any]]:
    return [
        {"role": "system", "content": f"Role: {role}"},
        {"role": "user", "content": user},
    ]


@pytest.mark.parametrize("stranger", ["letter", "revision", "prompt", "role"])
def test_what_is_not_the_clinicians_to_answer_is_refused(stranger: str, tiny_suite: Suite) -> None:
    simulated_models = SimulatedModels()
    revision = simulated_models.register(tiny_suite)
    letter = first(tiny_suite).presentation
    user = letter if stranger == "prompt" else f"<case>\n{letter}\n</case>\n\nPlan."
    if stranger == "letter":
        user = user.replace("tiny", "large")
    if stranger == "revision":
        revision = "another"
    with pytest.raises(UnknownCaseError):
        simulated_models.reply(
            messages_for(user, "matcher" if stranger == "role" else "generator"), SimulatedCall("ash", HALF, revision, 1,
        ))  # fmt: skip


def test_one_letter_of_two_cases_needs_a_menu_to_be_answered(tiny_suite: Suite) -> None:
    one, two = tiny_suite.cases
    fewer = two.model_copy(update={"case": one.case, "options": two.options[:3]})
    suite = tiny_suite.model_copy(update={"cases": (one, fewer)})
    simulated_models = SimulatedModels()
    revision = simulated_models.register(suite)
    for item in (first(suite), list(suite.items())[-1]):
        prompt = MENU.prompt("generator", "draft", "", item.public)
        messages = messages_for(prompt.user)
        assert "Simulated belief." in simulated_models.reply(
            messages, SimulatedCall("ash", HALF, revision, 1)
        )
        user = PLAN.prompt("generator", "draft", "", item.public).user
        with pytest.raises(
            UnknownCaseError, match="EndoTiny1 has the same presentation as CardTiny1"
        ):
            simulated_models.reply(messages_for(user), SimulatedCall("ash", HALF, revision, 1))


def test_one_letter_of_two_cases_with_the_same_options_is_answered(tiny_suite: Suite) -> None:
    one, two = tiny_suite.cases
    twin = two.model_copy(update={"case": one.case})
    suite = tiny_suite.model_copy(update={"cases": (one, twin)})
    simulated_models = SimulatedModels()
    revision = simulated_models.register(suite)
    user = PLAN.prompt("generator", "draft", "", first(suite).public).user
    assert simulated_models.reply(messages_for(user), SimulatedCall("ash", HALF, revision, 1))
