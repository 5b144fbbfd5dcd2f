"""evaluation/power: simulated studies are drawn and scored as real ones are."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.simulation.clinician import believes, key_of
from primum.agents.studies.panels import load_panel
from primum.agents.turns.transcript import Answer
from primum.cases.load import load_suite
from primum.cases.model import Case, Suite, SuiteInfo
from primum.core.arrays import Floats
from primum.evaluation.metrics.registry import column, columns
from primum.evaluation.metrics.score_table import score
from primum.evaluation.metrics.version_1 import OMISSIONS
from primum.evaluation.power.beliefs import Beliefs
from primum.evaluation.power.normal_draws import SeededDraws
from primum.evaluation.power.simulated_studies import draw_cases, simulate, specialties_of
from primum.evaluation.power.teams import Team, decide, team_of
from primum.evaluation.scoring.answer_key import Key

PANEL = load_panel("simulated")


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite("demo")


def team(name: str) -> Team:
    offered = {spec.name: spec for spec in (*PANEL.ensembles, *PANEL.solos())}
    return team_of(offered[name], PANEL.models)


def test_specialties_come_in_the_suite_s_proportions(rubric: Callable[..., Case]) -> None:
    names = ["Card1", "Card2", "Card3", "Card4", "Derm1", "Derm2"]
    cases = tuple(rubric({1: 9}, name=name) for name in names)
    made = Suite(info=SuiteInfo(name="made"), cases=cases)
    assert Counter(specialties_of(made, 600)) == {"Cardiology": 400, "Dermatology": 200}
    assert Counter(specialties_of(made, 3)) == {"Cardiology": 2, "Dermatology": 1}
    assert specialties_of(made, 40)[:7] == specialties_of(made, 7)


def test_cases_are_drawn_with_replacement_within_their_specialty(suite: Suite) -> None:
    specialties = specialties_of(suite, 30)
    drawn = draw_cases(suite, specialties, 400, seed=1)
    assert drawn.shape == (30, 400)
    for row, specialty in zip(drawn, specialties, strict=True):
        assert {suite.cases[case].specialty for case in row} == {specialty}
    share = np.bincount(drawn.ravel()) / drawn.size
    assert share == pytest.approx(np.full(20, 0.05), abs=0.01)


def test_every_metric_is_that_of_the_scored_answer(suite: Suite) -> None:
    """Each simulated answer, scored again through an answer record."""
    metrics = [metric for metric in columns() if not metric.definition.superseded]
    who = team("trio")
    for number in (0, 7):
        case = suite.cases[number]
        drawn = np.full((3, 2), number)
        values = simulate(suite, drawn, [who], metrics, 2, seed=5)[0].reshape(len(metrics), -1)
        beliefs = Beliefs(Key(case).scores, SeededDraws(5, (number, 0), 6, 2, len(case.options)))
        given = decide(who, beliefs).reshape(-1, len(case.options))
        answers = [
            Answer("trio", case.id, 1, Outcome.OK, "", tuple(Key(case).ids[row].tolist()))
            for row in given
        ]
        scored = score(Key(case), answers).values
        for metric, found in zip(metrics, values, strict=True):
            assert found == pytest.approx(scored[:, column(metric)], nan_ok=True), metric.name


def test_a_name_s_draws_do_not_depend_on_who_else_is_asked(suite: Suite) -> None:
    drawn = draw_cases(suite, specialties_of(suite, 10), 5, seed=2)

    def values(*names: str) -> Floats:
        return simulate(suite, drawn, [team(n) for n in names], [OMISSIONS], 2, seed=2)

    both, other, own = values("trio", "kin"), values("kin", "trio"), values("trio")
    assert np.array_equal(both[0], other[1])
    assert np.array_equal(both[0], own[0])
    assert not np.array_equal(both[0], both[1])


def test_beliefs_are_as_common_as_those_of_the_clinicians_that_answer_prompts(suite: Suite) -> None:
    """By option and by pairs of options, over many seeds of theirs and over fresh draws."""
    alone = suite.model_copy(update={"cases": suite.cases[6:7], "variants": ()})
    key = key_of(next(alone.items()))
    seats = [team("kin").seats[f"generator-{n}"] for n in (1, 2, 3)]
    seeds, many = 300, 20_000
    hashed = np.empty((seeds, len(seats), len(key.scores)))
    for seed in range(seeds):
        for row, (name, profile, _) in enumerate(seats):
            of = profile.model_copy(update={"seed": seed})
            hashed[seed, row] = [believes(of, name, key, option, 1) for option in key.scores]
    beliefs = Beliefs(Key(alone.cases[0]).scores, SeededDraws(0, (0,), many, 1, len(key.scores)))
    fresh = np.concatenate([beliefs.own(who) for who in seats], axis=1)
    both = (hashed[:, 0] * hashed[:, 1], fresh[:, 0] & fresh[:, 1])
    for theirs, ours in ((hashed.mean(axis=1), fresh.mean(axis=1)), both):
        rate = ours.mean(axis=0)
        error = np.sqrt(rate * (1 - rate) * (1 / seeds + 1 / many))
        assert (np.abs(theirs.mean(axis=0) - rate) <= 4 * error).all()
