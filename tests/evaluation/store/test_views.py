"""The views: what they say does not depend on the order in which threads read rows."""

import random
from itertools import product

import duckdb
import pytest

from primum.evaluation.store.schema import ddl
from primum.evaluation.store.views import views_sql

CASES = 60
MADE = f"""
insert into studies by name select 's' as study;
insert into ensembles by name
    select 's' as study, unnest(['b', 'a', 'c']) as ensemble, 'vote' as graph,
    true as asks_models, false as from_file;
insert into items by name
    select 's' as study, 'case-' || n as item, 'case-' || n as base_case from range({CASES}) t(n);
insert into answers by name
    select 's' as study, ensemble, item, 1 as trial, 'ok' as outcome, 0 as degraded
    from ensembles, items;
"""
Board = list[tuple[str, float, float]]


def board(mixed: int) -> Board:
    """Three ensembles with the same scores of every case, put in the order of a seed."""
    scores = [
        ("s", name, f"case-{n}", trial, "2026-07", metric, ((7 * n + trial) % 11 + 1) / 13)
        for name, n, trial, metric in product(
            "bac", range(CASES), range(1, 4), ("F1_weighted", "Severe_rate")
        )
    ]
    random.Random(mixed).shuffle(scores)
    names = "study, ensemble, item, trial, definition, metric, value"
    with duckdb.connect() as connection:
        connection.execute(ddl() + views_sql() + MADE)
        connection.executemany(f"insert into scores ({names}) values (?, ?, ?, ?, ?, ?, ?)", scores)
        sql = "select ensemble, f1_weighted, severe_rate from leaderboard"
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("mixed", range(1, 5))
def test_equal_figures_tie_to_the_last_digit_and_stand_by_name(mixed: int) -> None:
    found = board(mixed)
    assert [name for name, *_ in found] == ["a", "b", "c"]
    assert len({tuple(figures) for _, *figures in found}) == 1
    assert found == board(0)


def test_what_imported_answers_took_is_not_known() -> None:
    """Their judges' calls are counted, apart."""
    made = """
    insert into studies by name select 's' as study;
    insert into ensembles by name select 's' as study, 'file' as ensemble, 'imported' as graph,
        false as asks_models, true as from_file;
    insert into items by name select 's' as study, 'c' as item, 'c' as base_case;
    insert into answers by name
        select 's' as study, 'file' as ensemble, 'c' as item, 1 as trial, 'ok' as outcome, 0 as degraded;
    insert into turns by name select 's' as study, 'file' as ensemble, 'c' as item, 1 as trial,
        'judge-1' as seat, 'matcher' as role, true as judging, ['k'] as calls;
    insert into calls by name select 's' as study, 'k' as call, 0.25 as cost;
    insert into scores by name select 's' as study, 'file' as ensemble, 'c' as item, 1 as trial,
        '2026-07' as definition, 'Severe_rate' as metric, 0.0 as value;
    """
    with duckdb.connect() as connection:
        connection.execute(ddl() + views_sql() + made)
        frontier = connection.sql(
            "select dollars_a_case, seconds_a_case, calls_a_case from frontier"
        )
        assert frontier.fetchall() == [(None, None, None)]
        cost = connection.sql("select calls, cost, judge_calls, judge_cost from cost")
        assert cost.fetchall() == [(0, None, 1, 0.25)]


@pytest.mark.parametrize("mixed", range(1, 5))
def test_equal_times_do_not_beat_each_other(mixed: int) -> None:
    rows = [
        ("s", name, f"case-{n}", 1, "ok", 0, ((7 * n) % 11 + 1) / 13)
        for name in "ab"
        for n in range(CASES)
    ]
    random.Random(mixed).shuffle(rows)
    scores = "insert into scores by name select study, ensemble, item, trial, '2026-07' as definition, 'Severe_rate' as metric, 0.5 as value from answers"
    with duckdb.connect() as connection:
        connection.execute(ddl() + views_sql() + MADE + "delete from answers;")
        names = "study, ensemble, item, trial, outcome, degraded, seconds"
        connection.executemany(f"insert into answers ({names}) values (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(scores)
        found = connection.execute(
            "select ensemble, dominated_by_latency from frontier order by all"
        )
        assert found.fetchall() == [("a", False), ("b", False)]
