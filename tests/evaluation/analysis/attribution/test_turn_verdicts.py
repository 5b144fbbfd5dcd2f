"""What drafts and critiques of plans say of options, by their words."""

from collections.abc import Callable
from typing import Any

import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import Answer, Judgement, OptionVerdict, Turn
from primum.cases.model import Case, Consultation, Option
from primum.evaluation.analysis.attribution.attribution import Attribution, attributions
from primum.evaluation.analysis.attribution.provenance import traces
from primum.evaluation.analysis.attribution.turn_verdicts import notices
from primum.evaluation.matching.matchers import judgement_of
from primum.evaluation.metrics.score_table import score
from primum.evaluation.scoring.answer_key import Key
from primum.tests.wired import wired

Make = Callable[..., Any]
ECHO = "Order a transthoracic echocardiogram"
WARFARIN = "Start warfarin without INR monitoring"
LIMIT = "Limit sodium intake"
OPTIONS = (
    Option(id=1, text=ECHO, category="Diagnostic", score=9),
    Option(id=2, text=WARFARIN, category="Medication", score=1),
    Option(id=3, text=LIMIT, category="Counseling", score=5),
)
CASE = Case(id="CardWords1", case=Consultation(presentation="?"), options=OPTIONS)


def plan(*actions: str) -> str:
    return "\n".join(f"{n}. [routine] {action}. Why: x" for n, action in enumerate(actions, 1))


SAFE, HARMFUL = plan(ECHO), plan(ECHO, WARFARIN)


@pytest.fixture
def told(study_of: Make, team: Make) -> Callable[..., list[Attribution]]:
    def tell(turns: list[Turn], text: str, judgement: Judgement | None = None) -> Any:
        spec = team("panel", "ann ben", critics="cat", aggregator="dan")
        judgement = judgement or judgement_of(CASE, text)
        answer = Answer(
            "team", CASE.id, 1, Outcome.OK, "", None, wired(spec, turns), text, judgement
        )
        study = study_of(spec, protocol="plan", matcher=judgement.judge)
        return list(attributions(traces(study, [score(Key(CASE), [answer])])))

    return tell


def test_drafts_are_held_to_the_options_by_their_words(told: Make, turn: Make) -> None:
    turns = [
        turn("generator-1", text=SAFE),
        turn("generator-2", text=HARMFUL, model="ben"),
        turn("aggregator", text=f"{HARMFUL}\n", model="dan"),
    ]
    (harm,) = told(turns, f"{HARMFUL}\n")
    assert (harm.option_id, harm.kind, harm.severity) == (2, "commission", "severe")
    assert (harm.failure, harm.seat, harm.drafts_right) == ("unresolved_conflict", "aggregator", 1)


@pytest.mark.parametrize(
    ("objection", "failure"),
    [
        (f"1. REMOVE: {WARFARIN} - bleeding", "unheeded_critic"),
        (f"1. ADD: {LIMIT} - blood pressure", "lazy_agreement"),
        (f"1. ADD: {WARFARIN} - stroke", "lazy_agreement"),
        (f"1. CHANGE: {WARFARIN} - to 5 mg", "lazy_agreement"),  # no words say what that means
        ("No change.", "lazy_agreement"),
    ],
)
def test_objections_are_held_to_the_options_by_their_words(
    objection: str, failure: str, told: Make, turn: Make
) -> None:
    critic = turn("critic-1", text=objection, model="cat", about="generator-1")
    turns = [
        turn("generator-1", text=HARMFUL),
        turn("generator-2", text=HARMFUL, model="ben"),
        critic,
        turn("aggregator", text=HARMFUL, model="dan"),
    ]
    (harm,) = told(turns, HARMFUL)
    caught, missed = (("critic-1",), ()) if failure == "unheeded_critic" else ((), ("critic-1",))
    assert (harm.failure, harm.caught_by, harm.missed_by) == (failure, caught, missed)


def test_what_a_critic_would_add_counts_for_an_omission(told: Make, turn: Make) -> None:
    critic = turn("critic-1", text=f"1. ADD: {ECHO} - murmur", model="cat", about="generator-2")
    turns = [
        *(turn(f"generator-{n}", text=plan(LIMIT)) for n in (1, 2)),
        *(critic, turn("aggregator", text=plan(LIMIT), model="dan")),
    ]
    (harm,) = told(turns, plan(LIMIT))
    assert (harm.kind, harm.failure, harm.seat) == ("omission", "unheeded_critic", "aggregator")


def test_a_draft_that_is_the_answer_is_as_the_answer_was_judged(told: Make, turn: Make) -> None:
    judged = Judgement(
        "judge:made",
        Outcome.OK,
        verdicts=(OptionVerdict(1, "partial", "x"), OptionVerdict(2, "none"), OptionVerdict(3, "none")),
    )  # fmt: skip
    turns = [
        turn("generator-1", text=HARMFUL),
        turn("generator-2", text=plan(ECHO, LIMIT), model="ben"),
        turn("aggregator", text=HARMFUL, model="dan", about="generator-1"),
    ]
    # By words the first draft has 1 in full; the judges found the same text to have it in part.
    (harm,) = told(turns, HARMFUL, judged)
    assert (harm.option_id, harm.kind, harm.drafts_right) == (1, "omission", 1)


def test_it_is_said_that_words_say_it(study_of: Make, team: Make) -> None:
    solo = team("solo", "ann")
    assert notices(study_of(solo)) == []
    (line,) = notices(study_of(solo, protocol="plan", matcher="judge:made"))
    assert line.startswith("LEXICAL: ")
    assert "lexical/2" in line
