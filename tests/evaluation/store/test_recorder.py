"""Figures of studies made by hand: what is equal is told to be, and nothing stale or mixed is."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.specs.rule import Rule
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer, JudgedAction, Judgement, OptionVerdict
from primum.cases.model import Case, Consultation, Option, Suite, SuiteInfo
from primum.evaluation.judge_validation.leave_one_out import rankings
from primum.evaluation.statistics.paired_differences import Comparison
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder, Result

GOOD, BAD = (1,), (1, 2)  # option 1 is due, option 2 a severe harm
LATE = "late"
Sheets = Mapping[tuple[str, int, int], tuple[int, ...] | str | Answer]
"""By ensemble, case and trial: what was recommended, LATE where nothing came, or the answer."""


def suite_of(cases: int) -> Suite:
    offered = tuple(
        Option(id=i, text=f"Option {i}", category="Diagnostic", score=score)
        for i, score in ((1, 9), (2, 1))
    )
    found = tuple(
        Case(id=f"Card{n}", case=Consultation(presentation=f"{n}. What now?"), options=offered)
        for n in range(1, cases + 1)
    )
    return Suite(info=SuiteInfo(name="made"), cases=found)


def solo(name: str) -> EnsembleSpec:
    return ensemble_of(name=name, graph="solo", generators=(AgentSpec(model=name),))


def vote(name: str, members: Sequence[str], rule: Any = "majority") -> EnsembleSpec:
    seats = tuple(AgentSpec(model=member) for member in members)
    return ensemble_of(name=name, graph="vote", generators=seats, rule=Rule(name=rule))


def study_of(ensembles: Sequence[EnsembleSpec], *, cases: int = 8, **fields: Any) -> Study:
    families: dict[str, str] = fields.pop("families", {})
    names = [spec.name for spec in ensembles if spec.graph == "solo"]
    models = {
        name: ModelSpec(
            id=f"sim/{name}" if name == "sim" else f"openai/{name}",
            family="sim-aspen" if name == "sim" else f"other:{families.get(name, name)}",
            access="open",
        )
        for name in names
    }
    whole = {"suite": suite_of(cases).info, "suite_digest": "made", "seed": 0, "version": "0"}
    given = {"models": models, "ensembles": tuple(ensembles), "trials": 1, **whole, **fields}
    return Study(**given)


def recorder(folder: Path, study: Study, sheets: Sheets, cases: int = 8) -> Recorder:
    found = Recorder(Store(folder / "store.duckdb"), study, suite_of(cases))
    for (name, case, trial), said in sheets.items():
        if isinstance(said, Answer):
            found.add(said)
        elif isinstance(said, str):
            found.add(Answer(name, f"Card{case}", trial, Outcome.TIMEOUT, said, None))
        else:
            found.add(Answer(name, f"Card{case}", trial, Outcome.OK, "", said))
    return found


def bad_in(cases: Mapping[str, set[int]], of: int = 8) -> Sheets:
    """Severe harm in these cases of each ensemble, and none in the others."""
    return {
        (name, case, 1): BAD if case in bad else GOOD
        for name, bad in cases.items()
        for case in range(1, of + 1)
    }


def ask(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(folder / "store.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def severe(result: Result, against: str, ensemble: str = "team") -> Comparison:
    (found,) = (
        c
        for c in result.comparisons
        if (c.ensemble, c.against, c.metric) == (ensemble, against, "Severe_rate")
        and c.definition == "2026-07"
    )
    return found


SOLOS = [solo(name) for name in "abc"]
TEAM = vote("team", "abc")
# The team does one severe harm where two of three members do, and none where one does: 1/3 - 1/3.
AS_MUCH = bad_in({"a": {1, 2}, "b": {1}, "c": set(), "team": {1}})


def test_a_difference_of_nothing_is_nothing(tmp_path: Path) -> None:
    study = study_of([*SOLOS, TEAM])
    result = recorder(tmp_path, study, AS_MUCH).finish()
    found = severe(result, "mean_member")
    assert found.difference == 0.0
    assert found.differing == 2
    sql = "select cases_per_severe_error from harm_reduction where metric = 'Severe_rate' and against = 'mean_member'"  # fmt: skip
    assert ask(tmp_path, sql) == [(None,)]


def test_equal_means_are_equal_whatever_cases_they_come_from(tmp_path: Path) -> None:
    """Twelve ensembles with the same case rates on other cases: all best, ranked by name."""
    names = [f"m{i}" for i in range(8)]
    pairs = [vote(f"v{i}", names[i : i + 2], "union") for i in range(4)]
    rates = [0, 1, 2, 3, 1, 2, 1, 2, 0, 1, 2, 2, 1, 0, 1, 2, 3, 1, 2, 1]
    sheets: dict[tuple[str, int, int], tuple[int, ...]] = {}
    for mixed, name in enumerate([*names, *(pair.name for pair in pairs)]):
        shuffled = random.Random(mixed).sample(rates, len(rates))
        for case, bad in enumerate(shuffled, 1):
            for trial in (1, 2, 3):
                sheets[name, case, trial] = BAD if trial <= bad else GOOD
    study = study_of([*map(solo, names), *pairs], cases=20, trials=3)
    result = recorder(tmp_path, study, sheets, 20).finish()
    means = {
        e.mean
        for e in result.estimates
        if (e.definition, e.metric, e.policy) == ("2026-07", "Severe_rate", "failures_as_empty")
    }
    assert len(means) == 1
    sizes = [size for size in result.figures["team_sizes"] if size.metric == "Severe_rate"]
    assert [(size.top_quartile, size.ensembles) for size in sizes] == [(8, 8), (4, 4)]
    assert {severe(result, "best_solo", f"v{i}").other for i in range(4)} == {"m0"}
    assert severe(result, "best_member", "v2").other == "m2"


def test_a_share_of_no_gain_is_none(tmp_path: Path) -> None:
    mixed, same = vote("mixed", "abcde"), vote("same", "abfgh")
    bad = {"a": {1, 2}, "b": {1}, "c": {1}, "d": {1}, "e": set(), "f": {1}, "g": {1}, "h": set()}
    study = study_of([*map(solo, "abcdefgh"), mixed, same], families=dict.fromkeys("abfgh", "x"))
    sheets = bad_in({**bad, "mixed": {1}, "same": {1, 3, 4}})
    found = recorder(tmp_path, study, sheets).finish().figures["diversity"]
    (row,) = (row for row in found if row.metric == "Severe_rate")
    assert (row.mixed_gain, row.same_gain, row.difference) == (0, -0.25, 0.25)
    assert row.share != row.share  # NaN


def test_a_difference_to_a_simulated_solo_is_marked(tmp_path: Path) -> None:
    study = study_of([*SOLOS, solo("sim"), TEAM])
    result = recorder(tmp_path, study, {**AS_MUCH, **bad_in({"sim": set()})}).finish()
    assert severe(result, "best_solo").other == "c"
    again = bad_in({"a": {1, 2}, "b": {1}, "c": {3}, "sim": set(), "team": {1}})
    result = recorder(tmp_path / "again", study, again).finish()
    assert severe(result, "best_solo").other == "sim"
    sql = "select against, simulated from harm_reduction where metric = 'Severe_rate' and ensemble = 'team'"  # fmt: skip
    assert set(ask(tmp_path / "again", sql)) == {("best_solo", True), ("best_member", False), ("mean_member", False)}  # fmt: skip


def test_what_differs_is_counted_over_pairs(tmp_path: Path) -> None:
    """The team's second trial is missing: the members' harms in it have no pair."""
    sheets: dict[tuple[str, int, int], tuple[int, ...] | str] = {}
    for case in range(1, 9):
        for name in ("a", "b", "c", "team"):
            sheets[name, case, 1] = GOOD
            sheets[name, case, 2] = LATE if name == "team" else BAD if case < 8 else GOOD
    result = recorder(tmp_path, study_of([*SOLOS, TEAM], trials=2), sheets).finish()
    assert severe(result, "mean_member").differing == 0
    assert any("team against" in c and "fewer than 6 cases differ" in c for c in result.cautions)


def test_renewed_answers_do_not_stand_beside_old_intervals(tmp_path: Path) -> None:
    """A complete study that is run again is complete until an answer is renewed, and then not."""
    study = study_of(SOLOS)
    first: dict[tuple[str, int, int], tuple[int, ...] | str] = {
        (name, case, 1): GOOD if case < 5 else LATE for name in "abc" for case in range(1, 9)
    }
    recorder(tmp_path, study, first).finish()
    complete = "select complete from studies"
    again = recorder(tmp_path, study, bad_in({name: {5, 6, 7, 8} for name in "abc"}))
    assert ask(tmp_path, complete) == [(True,)]
    again.flush()  # and killed here
    assert ask(tmp_path, complete) == [(False,)]
    again.finish()
    assert ask(tmp_path, complete) == [(True,)]


def test_the_latest_study_is_the_one_that_started_last(tmp_path: Path) -> None:
    one, other = study_of(SOLOS), study_of(SOLOS, seed=1)
    sheets = bad_in({name: set() for name in "abc"})
    first = recorder(tmp_path, one, sheets)
    begun = ask(tmp_path, "select started_at from studies")
    second = recorder(tmp_path, other, sheets)
    second.finish()
    first.finish()
    assert ask(tmp_path, f"select started_at from studies where study = '{one.id}'") == begun
    assert ask(tmp_path, "from latest") == [(other.id,)]


def test_judges_who_agree_rank_alike_whoever_refused(tmp_path: Path) -> None:
    """A refusal, which no judge saw, is in the study's figures and not in a judge's."""

    def judged(name: str, case: int, *chosen: int) -> Answer:
        votes = tuple(
            Judgement(
                judge,
                Outcome.OK,
                verdicts=tuple(
                    OptionVerdict(o, "full" if o in chosen else "none", "e" * (o in chosen))
                    for o in (1, 2)
                ),
                actions=tuple(JudgedAction(n, "e", "", (o,)) for n, o in enumerate(chosen, 1)),
            )
            for judge in "xyz"
        )
        whole = Judgement("all", Outcome.OK, "", votes[0].verdicts, votes[0].actions, votes=votes)
        return Answer(name, f"Card{case}", 1, Outcome.OK, "", None, (), "e", whole)

    sheets: dict[tuple[str, int, int], Answer] = {}
    for case in range(1, 9):
        refused = Answer("a", f"Card{case}", 1, Outcome.REFUSAL, "no", None)
        sheets["a", case, 1] = judged("a", case, 1) if case > 4 else refused
        sheets["b", case, 1] = judged("b", case, 1, 2)
    plans = Protocol(name="plan", form="concise")
    study = study_of(SOLOS[:2], protocol=plans, matcher="judge:x+y+z")
    recorder(tmp_path, study, sheets).finish()
    found = rankings(tmp_path / "store.duckdb", study)
    assert len(found) == 7
    assert {(ranking.order, ranking.tau) for ranking in found} == {(("a", "b"), 1.0)}
    assert ask(tmp_path, "select distinct simulated from judge_scores") == [(False,)]
