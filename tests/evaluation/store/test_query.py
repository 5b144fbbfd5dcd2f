"""Queries: views by name with the figures of the study, and the formats of a result."""

import csv
import inspect
import io
import json
import math
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from primum.commands.query import query as query_command
from primum.core.errors import DataError
from primum.core.files import write_new
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.version_1 import VERSION_1
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.store.query import Rows, export_parquet, query, render, snapshot, statement
from primum.evaluation.store.recorder import Result
from primum.evaluation.store.schema import view_comments
from primum.evaluation.store.views import views_sql
from primum.tests.conftest import clean_environment
from primum.tests.terminal import read_terminal

Recorded = tuple[Path, Result]


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def cells(rows: Rows) -> list[list[str]]:
    """What a spreadsheet reads."""
    return list(csv.reader(io.StringIO(render(rows, "csv"), newline="")))


def objects(stored: Path, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = strict(render(query(stored, sql), "json"))
    return found


@pytest.mark.parametrize(
    "view", ["leaderboard", "harm_reduction", "severe_errors", "cost", "items"]
)
def test_a_view_is_asked_for_by_its_name(view: str, stored: Path) -> None:
    assert statement(view) == statement(f"  {view} ;\n") == f'select * from "{view}"'
    assert statement(f"from {view};") == f"from {view}"
    found = query(stored, view)
    assert found.rows
    with snapshot(stored) as connection:
        assert len(connection.execute(f"from {view}").fetchall()) == len(found.rows)


def test_the_leaderboard_has_the_figures_of_the_study(recorded: Recorded) -> None:
    stored, result = recorded
    board = {row["ensemble"]: row for row in objects(stored, "leaderboard")}
    assert set(board) == {"duo", "ann", "ben", "control:nothing"}
    assert next(iter(board)) == "duo"  # the best F1_weighted comes first
    columns = {
        (JULY_2026.name, "F1_weighted"): "f1_weighted",
        (JULY_2026.name, "Severe_rate"): "severe_rate",
    }
    columns |= {
        (VERSION_1.name, name): name.lower() for name in ("Omissions", "Commissions", "Safety")
    }
    checked = 0
    for e in result.estimates:
        if e.policy == DEFAULT_POLICY and (e.definition, e.metric) in columns:
            assert board[e.ensemble][columns[e.definition, e.metric]] == pytest.approx(e.mean)
            checked += 1
    assert checked == 4 * len(columns)
    assert [board[name]["coverage"] for name in ("duo", "ben")] == [1, 3 / 5]
    assert [board[name]["simulated"] for name in ("duo", "ann", "ben")] == [True, True, False]
    assert all(row["complete"] for row in board.values())


def test_harm_reduction_has_the_comparisons_of_the_study(recorded: Recorded) -> None:
    stored, result = recorded
    shown = {
        (r["ensemble"], r["against"], r["metric"]): r for r in objects(stored, "harm_reduction")
    }
    wanted = {
        (c.ensemble, c.against, c.metric): c
        for c in result.comparisons
        if c.definition != "2026-06"
    }
    lower = ("Severe_rate", "Moderate_rate", "Mild_rate", "Omissions", "Commissions")
    metrics = (*lower, "F1_weighted", "Safety", "Completeness", "Restraint")
    assert set(shown) == {key for key in wanted if key[2] in metrics}
    for key, row in shown.items():
        for name in ("difference", "lo", "hi", "ratio", "ratio_lo", "ratio_hi", "p", "p_adjusted"):
            value = getattr(wanted[key], name)
            assert row[name] == (None if math.isnan(value) else pytest.approx(value)), (key, name)
        assert row["better"] == ("lower" if key[2] in lower else "higher")
        per_error = row["cases_per_severe_error"]
        if key[2] == "Severe_rate" and row["difference"]:
            assert per_error == pytest.approx(-1 / row["difference"])
        else:
            assert per_error is None
        assert (row["other"], row["cases"]) == (wanted[key].other, wanted[key].cases)


def test_severe_errors_are_those_of_the_answers(stored: Path) -> None:
    found = query(
        stored,
        "select ensemble, item, option_id, kind, score, base_case from severe_errors order by all",
    ).rows
    left_out = (2, "omission", 9)
    assert found == [
        ("ben", "Card1", *left_out, "Card1"),  # a refusal recommends nothing
        ("ben", "Card1-0", *left_out, "Card1"),
        ("ben", "Endo1", *left_out, "Endo1"),
        ("ben", "GI1", 1, "commission", 1, "GI1"),
        *(
            ("control:nothing", item, *left_out, item.split("-")[0])
            for item in ("Card1", "Card1-0", "Derm1", "Endo1", "GI1")
        ),
    ]


def test_cost_is_of_distinct_calls_and_null_where_a_price_is_unknown(stored: Path) -> None:
    found = {row["ensemble"]: row for row in objects(stored, "cost")}
    wanted = {"duo": (10, None, 5, 1000), "ann": (5, 0.05, 0, 500), "ben": (4, None, 4, 400)}
    assert set(found) == set(wanted)
    for name, (calls, cost, unknown, tokens) in wanted.items():
        row = found[name]
        assert (row["calls"], row["calls_of_unknown_cost"], row["input_tokens"]) == (
            calls,
            unknown,
            tokens,
        )
        assert row["cost"] == (None if cost is None else pytest.approx(cost))


def test_json_is_a_list_of_objects(stored: Path) -> None:
    sql = (
        "select 1 as n, null as gone, 'ä\"' as text, [1, 2] as list, true as yes, 0.5::double as x"
    )
    assert objects(stored, sql) == [
        {"n": 1, "gone": None, "text": 'ä"', "list": [1, 2], "yes": True, "x": 0.5}
    ]
    assert objects(stored, "select 1 as n where false") == []


def test_json_stays_json_where_a_figure_is_not_finite(stored: Path) -> None:
    sql = "select 'nan'::double as a, 1 / 0 as b, -1 / 0 as c, [1 / 0] as d, {'x': 1 / 0} as e"
    assert objects(stored, sql) == [
        {"a": None, "b": None, "c": None, "d": [None], "e": {"x": None}}
    ]


def test_every_kind_of_cell_comes_as_what_json_has_a_word_for(stored: Path) -> None:
    sql = """select 170141183460469231731687303715884105727 as huge, -1.5 as decimal,
        12345678901234567890.123456789::decimal(38, 9) as exact, true as yes, null as none,
        timestamp '2026-01-02 03:04:05.6' as at, date '2026-01-02' as day, 'a'::blob as blob,
        [1.5, null] as list, {'a': [1]} as struct, map([date '2026-01-02'], [1]) as map,
        uuid '00000000-0000-0000-0000-000000000001' as id, 'ä\U0001f600\x1b' as text"""
    found = query(stored, sql)
    assert dict(zip(found.columns, found.rows[0], strict=True)) == {
        "huge": 170141183460469231731687303715884105727,
        "decimal": -1.5,
        "exact": Decimal("12345678901234567890.123456789"),
        "yes": True,
        "none": None,
        "at": "2026-01-02 03:04:05.600000",
        "day": "2026-01-02",
        "blob": "b'a'",
        "list": [1.5, None],
        "struct": {"a": [1]},
        "map": {"2026-01-02": 1},
        "id": "00000000-0000-0000-0000-000000000001",
        "text": "ä\U0001f600\x1b",
    }
    assert strict(render(found, "json"))[0]["exact"] == "12345678901234567890.123456789"
    numbers = cells(Rows(["a"], [(-1.5,), (-2,), (Decimal("-3.0"),), (float("-inf"),)]))
    assert [cell for (cell,) in numbers] == ["a", "-1.5", "-2", "-3.0", ""]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0"])
def test_no_csv_cell_can_be_taken_for_a_formula(text: str) -> None:
    rows = Rows(["a", "b"], [(text, -1.5), ('plain, "quoted"\n=not at the start', None)])
    assert cells(rows) == [
        ["a", "b"],
        [f"'{text}", "-1.5"],
        ['plain, "quoted"\n=not at the start', ""],
    ]


@pytest.mark.parametrize("text", ["x\r=1+1", "\rx", "x\r\n=1+1", "x\r"])
def test_a_line_break_in_a_csv_cell_begins_no_row(text: str) -> None:
    found = cells(Rows(["a"], [(text,), ("next",)]))
    assert [len(row) for row in found] == [1, 1, 1]
    assert found[1][0].lstrip("'") == text


def test_what_a_provider_said_comes_defused(stored: Path, hostile: str) -> None:
    found = cells(query(stored, "select distinct reason from turns where reason <> ''"))
    assert hostile.startswith("=")
    assert found == [["reason"], [f"'{hostile}"]]


def test_parquet_holds_the_same_rows(stored: Path, tmp_path: Path) -> None:
    target = tmp_path / "it's new.parquet"
    export_parquet(stored, "cost", target)
    with duckdb.connect() as connection:
        found = connection.execute("select * from read_parquet(?)", [str(target)])
        assert ([c[0] for c in found.description or ()], found.fetchall()) == query(stored, "cost")


@pytest.mark.parametrize(
    "sql", ["select 1 as n -- one", "select 1 as n; -- one", "-- one\nselect 1 as n;"]
)
def test_a_comment_does_no_harm(sql: str, stored: Path, tmp_path: Path) -> None:
    assert query(stored, sql) == (["n"], [(1,)])
    export_parquet(stored, sql, tmp_path / "new.parquet")
    assert (tmp_path / "new.parquet").exists()


def writers(stored: Path, target: Path) -> list[Callable[[], None]]:
    return [lambda: export_parquet(stored, "cost", target), lambda: write_new(target, "x")]


def test_what_stands_already_is_never_overwritten(stored: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.write_text("mine", encoding="utf-8")
    for write in writers(stored, target):
        with pytest.raises(DataError) as caught:
            write()
        assert str(caught.value) == f"{target}: exists already; choose a new file"
    assert target.read_text(encoding="utf-8") == "mine"


def test_a_file_that_cannot_be_written_is_named_in_one_line(stored: Path, tmp_path: Path) -> None:
    target = tmp_path / "missing" / "x"
    for write in writers(stored, target):
        with pytest.raises(DataError) as caught:
            write()
        assert str(target) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_every_view_is_named_with_its_meaning(primum: Callable[..., Any]) -> None:
    done = primum("query", "--views")
    assert (done.returncode, done.stderr) == (0, "")
    for name, meaning in view_comments(views_sql()).items():
        assert re.search(rf"^{name} +{re.escape(meaning)} *$", done.stdout, re.MULTILINE)


def test_a_table_that_is_cut_says_so(primum: Callable[..., Any], stored: Path) -> None:
    ask = ("query", "select range as n from range(10_001)", "--workspace", stored.parent)
    done = primum(*ask)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1 + 10_000
    assert done.stderr.splitlines()[-1] == (
        "primum: only the first 10,000 rows are shown; --format csv prints all"
    )
    assert len(primum(*ask, "--format", "csv").stdout.splitlines()) == 1 + 10_001


def test_csv_is_clean_on_a_terminal_and_whole_elsewhere(
    primum: Callable[..., Any], stored: Path
) -> None:
    sql = "select 'a' || chr(27) || '[31m' || chr(155) || 'b' as text"
    ask = ("query", sql, "--format", "csv", "--workspace", str(stored.parent))
    assert primum(*ask).stdout == '"text"\n"a\x1b[31m\x9bb"\n'
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "primum.cli", *ask],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
        check=True,
    )
    os.close(theirs)
    assert read_terminal(ours).decode() == '"text"\r\n"a\ufffd[31m\ufffdb"\r\n'


def test_the_command_stops_a_statement_when_a_caller_of_query_does() -> None:
    limit = inspect.signature(query_command).parameters["timeout"].default
    assert limit == inspect.signature(query).parameters["seconds"].default
