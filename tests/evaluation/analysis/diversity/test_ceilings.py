"""Teams beside what their members could have given, and mixed teams beside those of one family."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from primum.agents.models.outcomes import Outcome
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite, SuiteInfo
from primum.evaluation.analysis.diversity.ceilings import Ceiling, ceilings
from primum.evaluation.analysis.diversity.diversity import Diversity, diversity
from primum.evaluation.analysis.diversity.independent_majority import independent_majorities
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.bootstrap import intervals
from primum.evaluation.statistics.estimates import Sample, draw_sample
from primum.evaluation.store.schema import TABLES

Make = Callable[..., Any]
CASES = ("Card1", "Card2", "Card3", "Derm1")
KEY, NOTHING, ALL = (1,), (), (1, 2)  # of 1: 9 and 2: 1; either other answer is a severe harm
Sheet = Mapping[str, Sequence[tuple[int, ...] | None]]


@pytest.fixture(scope="module")
def suite(rubric: Make) -> Suite:
    cases = tuple(rubric({1: 9, 2: 1}, name=name) for name in CASES)
    return Suite(info=SuiteInfo(name="made"), cases=cases)


def sample_of(suite: Suite, sheet: Sheet) -> Sample:
    book = ScoreBook(suite, tuple(sheet), 1)
    for name, given in sheet.items():
        for case, chosen in zip(CASES, given, strict=True):
            outcome = Outcome.TIMEOUT if chosen is None else Outcome.OK
            book.add([Answer(name, case, 1, outcome, "", chosen)])
    return draw_sample(book, resamples=200)


def named(name: str, spec: EnsembleSpec) -> EnsembleSpec:
    return spec.model_copy(update={"name": name})


@pytest.fixture(scope="module")
def study(study_of: Make, team: Make) -> Study:
    teams = {
        "mix": "ann ben",
        "mix2": "amy ben",
        "kin": "ann amy",
        "three": "ann ben cat",
    }
    specs = [named(name, team("vote", who, rule="majority")) for name, who in teams.items()]
    solos = [named(name, team("solo", name)) for name in ("ann", "amy", "ben", "cat")]
    made: Study = study_of(*specs, *solos)
    return made


# Severe harms, case by case.
SHEET: dict[str, tuple[tuple[int, ...] | None, ...]] = {
    "mix": (KEY, KEY, ALL, NOTHING),  # 0 0 1 1
    "mix2": (KEY, KEY, KEY, KEY),  # 0 0 0 0
    "kin": (ALL, KEY, KEY, KEY),  # 1 0 0 0
    "three": (None, None, None, None),
    "ann": (ALL, KEY, NOTHING, NOTHING),  # 1 0 1 1
    "amy": (ALL, KEY, NOTHING, KEY),  # 1 0 1 0
    "ben": (KEY, ALL, KEY, ALL),  # 0 1 0 1
    "cat": (KEY, KEY, KEY, KEY),
}


def test_a_team_stands_beside_what_its_members_could_have_given(suite: Suite, study: Study) -> None:
    sample = sample_of(suite, SHEET)
    found = {(c.ensemble, c.metric): c for c in ceilings(sample, study)}
    severe = found["mix", "Severe_rate"]
    assert severe.actual == pytest.approx(2 / 4)
    assert severe.mean_member == pytest.approx((3 / 4 + 2 / 4) / 2)
    assert severe.best_member == pytest.approx(2 / 4)  # ben
    assert severe.oracle == pytest.approx(1 / 4)  # in the last case both are wrong
    assert severe.gain == pytest.approx(5 / 8 - 2 / 4)
    majority = independent_majorities(sample.book, study.ensembles)["mix"]
    # ann has 1 in 2 of 4 and 2 in 1 of 4; ben has 1 in 4 of 4 and 2 in 2 of 4: both must have it.
    independent = 1 - (1 / 2 * 1) * (1 - 1 / 4 * 1 / 2)
    assert majority[:, 0] == pytest.approx(independent)
    assert severe.independent == pytest.approx(independent)
    assert severe.share == pytest.approx((5 / 8 - 2 / 4) / (5 / 8 - independent))
    f1 = found["mix", "F1_weighted"]
    ann, ben = (2 / 3 + 1) / 4, (1 + 2 / 3 + 1 + 2 / 3) / 4
    own = (1 + 1 + 2 / 3) / 4
    assert (f1.actual, f1.mean_member, f1.best_member) == pytest.approx((own, (ann + ben) / 2, ben))
    assert f1.oracle == pytest.approx((1 + 1 + 1 + 2 / 3) / 4)
    assert f1.gain == pytest.approx(own - (ann + ben) / 2)
    assert math.isnan(f1.independent)
    assert math.isnan(f1.share)
    assert math.isnan(found["three", "Severe_rate"].actual)


def test_figures_rest_on_the_answers_that_all_have(suite: Suite, study: Study) -> None:
    sheet = {**SHEET, "ben": (KEY, None, KEY, ALL)}
    found = {(c.ensemble, c.metric): c for c in ceilings(sample_of(suite, sheet), study)}
    severe = found["mix", "Severe_rate"]  # without the second case
    assert (severe.actual, severe.mean_member) == pytest.approx((2 / 3, (1 + 1 / 3) / 2))
    assert (severe.best_member, severe.oracle) == pytest.approx((1 / 3, 1 / 3))


def test_there_is_no_share_where_independence_gains_nothing(suite: Suite, study: Study) -> None:
    sheet = {**SHEET, "ann": (KEY,) * 4, "ben": (KEY,) * 4, "mix": (KEY,) * 4}
    found = {(c.ensemble, c.metric): c for c in ceilings(sample_of(suite, sheet), study)}
    severe = found["mix", "Severe_rate"]
    assert (severe.independent, severe.gain) == (0, 0)
    assert math.isnan(severe.share)


def test_mixed_teams_stand_beside_those_of_one_family(suite: Suite, study: Study) -> None:
    sample = sample_of(suite, SHEET)
    found = {row.metric: row for row in diversity(sample, study)}
    severe = found["Severe_rate"]
    assert (severe.graph, severe.generators, severe.mixed, severe.same) == ("vote", 2, 2, 1)
    ann, amy, ben = (np.array(x) for x in ((1, 0, 1, 1), (1, 0, 1, 0), (0, 1, 0, 1)))
    mix = (ann + ben) / 2 - (0, 0, 1, 1)
    mix2 = (amy + ben) / 2 - (0, 0, 0, 0)
    kin = (ann + amy) / 2 - (1, 0, 0, 0)
    mixed = (mix + mix2) / 2
    wanted = intervals((mixed - kin)[:, None], sample.weights)
    assert (severe.mixed_gain, severe.same_gain) == pytest.approx((mixed.mean(), kin.mean()))
    assert severe.difference == pytest.approx((mixed - kin).mean())
    assert (severe.lo, severe.hi) == pytest.approx((wanted.lo[0], wanted.hi[0]))
    assert severe.cases == 4
    assert severe.difference < 0  # the team of one family gains more here: no share
    assert math.isnan(severe.share)


def test_the_share_is_of_what_mixed_teams_gain(suite: Suite, study: Study) -> None:
    solos = {"ann": (ALL,) * 4, "amy": (ALL, ALL, ALL, KEY), "ben": (ALL,) * 4}
    sheet = {**SHEET, **solos, "mix": (KEY,) * 4, "mix2": (KEY,) * 4, "kin": (ALL, ALL, ALL, KEY)}
    severe = of_severe_harm(suite, study, sheet)
    mixed, same = (1 + (4 + 3) / 8) / 2, (4 + 3) / 8 - 3 / 4
    assert severe.lo > 0
    assert severe.share == pytest.approx((mixed - same) / mixed)


def test_a_difference_that_may_be_none_has_no_share(suite: Suite, study: Study) -> None:
    severe = of_severe_harm(suite, study, {**SHEET, "kin": (ALL, KEY, NOTHING, KEY)})
    mixed, same = ((5 / 8 - 2 / 4) + (4 / 8 - 0)) / 2, 5 / 8 - 2 / 4
    assert severe.difference == pytest.approx(mixed - same)
    assert severe.lo < 0 < severe.difference
    assert math.isnan(severe.share)


def of_severe_harm(suite: Suite, study: Study, sheet: Sheet) -> Diversity:
    rows = diversity(sample_of(suite, sheet), study)
    return next(row for row in rows if row.metric == "Severe_rate")


def test_what_has_no_other_sort_beside_it_is_left_out(
    suite: Suite, study_of: Make, team: Make
) -> None:
    solos = [named(name, team("solo", name)) for name in ("ann", "amy", "ben")]
    mix = named("mix", team("vote", "ann ben", rule="majority"))
    kin = named("kin", team("panel", "ann amy", aggregator="ann"))  # another graph
    sheet = {name: SHEET[name] for name in ("mix", "kin", "ann", "amy", "ben")}
    sample = sample_of(suite, sheet)
    assert list(diversity(sample, study_of(mix, kin, *solos))) == []
    assert list(ceilings(sample_of(suite, {"ann": SHEET["ann"]}), study_of(solos[0]))) == []


def test_rows_are_the_columns_of_their_tables() -> None:
    for record, name in ((Ceiling, "ceilings"), (Diversity, "diversity")):
        columns = [column.name for column in TABLES[name].columns]
        assert ["study", *record.__slots__, "simulated"] == columns
