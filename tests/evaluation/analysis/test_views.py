"""The views of where harm comes from, how steady answers are, and what they take."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from primum.agents.studies.study import Study
from primum.evaluation.analysis.attribution.attribution import Attribution
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.store.database import Store
from primum.evaluation.store.query import query
from primum.evaluation.store.recorder import Result
from primum.tests.evaluation.by_hand import rows_of


def rows(stored: Path, sql: str) -> list[dict[str, Any]]:
    found = query(stored, sql)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_flips_are_options_that_a_variant_has_and_its_base_letter_has_not(stored: Path) -> None:
    # ben refuses Card1, and finds 4 in Card1-0: the group of 3 and 4 is no longer left out.
    (flip,) = rows(stored, "flips")
    wanted = {
        "ensemble": "ben",
        "edit": "Age",
        "item": "Card1-0",
        "base_case": "Card1",
        "trial": 1,
        "option_id": 4,
        "text": "Option 4",
        "score": 8,
        "matched_on_base": False,
        "matched_on_variant": True,
        "harm": "lost",
        "kind": "omission",
        "severity": "moderate",
        "simulated": False,
    }
    assert {name: flip[name] for name in wanted} == wanted


def test_a_harm_that_stays_is_neither_gained_nor_lost(stored: Path) -> None:
    with duckdb.connect(stored) as connection:
        connection.execute(
            "update verdicts set verdict = 'partial' where ensemble = 'ann' and item = 'Card1-0' "
            "and option_id = 3"
        )
    (flip,) = (row for row in rows(stored, "flips") if row["ensemble"] == "ann")
    assert (flip["option_id"], flip["matched_on_variant"]) == (3, True)
    assert (flip["harm"], flip["kind"], flip["severity"]) == (None, None, None)


def test_robustness_has_the_figures_of_the_study(recorded: tuple[Path, Result]) -> None:
    stored, result = recorded
    names = {"F1_weighted": "f1", "F1_floor": "f1_floor", "Resilience": "resilience"}
    wanted = {
        (e.ensemble, e.metric): e
        for e in result.estimates
        if (e.policy, e.definition) == (DEFAULT_POLICY, "2026-07")
    }
    found = rows(stored, "robustness")
    assert {row["ensemble"] for row in found} == {"duo", "ann", "ben", "control:nothing"}
    for row in found:
        for metric, name in names.items():
            figure = wanted[row["ensemble"], metric]
            mean = row["f1_weighted" if name == "f1" else name]
            assert mean == pytest.approx(figure.mean)
            assert row[f"{name}_lo"] == (pytest.approx(figure.lo) if figure.lo > -1 else None)
        assert row["cases"] == 1  # Card1 alone has a variant


def test_frontier_says_who_is_dominated_and_what_is_unknown(stored: Path) -> None:
    found = {row["ensemble"]: row for row in rows(stored, "frontier")}
    assert set(found) == {"duo", "ann", "ben"}  # controls take nothing
    figures = ("severe_rate", "dollars_a_case", "seconds_a_case", "calls_a_case")
    wanted = {"duo": (0, None, 1.0, 2), "ann": (0, 0.01, 0.5, 1)}
    for name, values in wanted.items():
        assert [found[name][figure] for figure in figures] == pytest.approx(list(values))
    assert found["ben"]["severe_rate"] > 0
    assert [found["ben"][figure] for figure in figures[1:]] == [None, 0.5, 4 / 5]
    marks = ("dominated_by_cost", "dominated_by_latency", "dominated_by_calls")
    assert {name: [row[mark] for mark in marks] for name, row in found.items()} == {
        "duo": [None, True, True],  # as harmless as ann, for twice the time and calls
        "ann": [False, False, False],
        "ben": [None, True, False],  # more harm in the same time; but for fewer calls
    }
    unknown = {name: row["calls_of_unknown_cost"] for name, row in found.items()}
    assert unknown == {"duo": 5, "ann": 0, "ben": 4}


def test_nothing_is_known_of_what_imported_answers_took(stored: Path) -> None:
    with duckdb.connect(stored) as connection:
        connection.execute(
            "update ensembles set graph = 'imported', from_file = true where ensemble = 'ben'"
        )
        connection.execute("delete from turns where ensemble = 'ben'")
    (ben,) = (row for row in rows(stored, "frontier") if row["ensemble"] == "ben")
    taken = [value for name, value in ben.items() if name.endswith(("_a_case", "_latency", "_calls"))]  # fmt: skip
    assert taken == [None] * 5


def made() -> Iterator[Attribution]:
    """Harms as if they were duo's: two of the rule's kind, one of both drafts, one of ben's."""
    told: list[tuple[str, str, str | None, str, str | None, str]] = [
        ("severe", "overturned_majority", "rule", "rule", None, "omission"),
        ("mild", "overturned_majority", "rule", "rule", None, "commission"),
        ("mild", "shared_error", None, "generator", None, "omission"),
        ("moderate", "introduced", "aggregator", "aggregator", "ben", "omission"),
    ]
    for number, (severity, failure, seat, role, model, kind) in enumerate(told, 1):
        yield Attribution(
            *("duo", "Card1", 1, number, kind, severity, failure, seat, role, model),
            *(2, 1, (), ("critic-1",)),
        )


@pytest.fixture
def attributed(stored: Path, study: Study) -> Path:
    """The store with attributions."""
    given = [
        (*(getattr(row, name) for name in Attribution.__slots__), True) for row in made()
    ]  # fmt: skip
    Store(stored).write(study.id, {"attributions": rows_of("attributions", given)})
    return stored


def test_failures_are_counted_with_their_share(attributed: Path) -> None:
    found = [
        (r["failure"], r["harms"], r["severe"], r["omissions"], r["commissions"], r["share"])
        for r in rows(attributed, "failures")
    ]
    assert found == [
        ("overturned_majority", 2, 1, 1, 1, 0.5),
        ("introduced", 1, 0, 1, 0, 0.25),
        ("shared_error", 1, 0, 1, 0, 0.25),
    ]
    stored = rows(attributed, "select caught_by, missed_by from attributions limit 1")
    assert stored == [{"caught_by": [], "missed_by": ["critic-1"]}]


def test_sources_are_counted_by_model_and_role(attributed: Path) -> None:
    found = {(r["model"], r["role"]): r for r in rows(attributed, "harm_sources")}
    counts = {key: (r["harms"], r["severe"], r["ensembles"], r["share"]) for key, r in found.items()}  # fmt: skip
    assert counts == {
        (None, "rule"): (2, 1, 1, 0.5),
        (None, "generator"): (1, 0, 1, 0.25),
        ("ben", "aggregator"): (1, 0, 1, 0.25),
    }


@pytest.mark.parametrize("view", ["failures", "harm_sources"])
def test_it_is_said_where_words_tell(view: str, attributed: Path) -> None:
    assert {row["read_by"] for row in rows(attributed, view)} == {"grades"}
    with duckdb.connect(attributed) as connection:
        connection.execute("update studies set protocol = 'plan'")
    assert {row["read_by"] for row in rows(attributed, view)} == {"words (lexical)"}
