"""The schema in the code, in DuckDB and on the page."""

from collections.abc import Iterator

import duckdb
import pytest

from primum.evaluation.store.database import Store
from primum.evaluation.store.schema import TABLES, ddl, describe, view_comments
from primum.evaluation.store.views import views_sql
from primum.tests.paths import DOCS

PAGE = DOCS / "schema.md"
DESCRIBED = "select column_name, column_type from (describe select * from store.{})"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = tmp_path_factory.mktemp("schema") / "store.duckdb"
    Store(path)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as store (read_only)")
        yield connection


def test_the_page_is_what_the_code_says() -> None:
    told = "docs/schema.md is not what the code says: primum query --schema > docs/schema.md"
    assert PAGE.read_text(encoding="utf-8") == describe(views_sql()), told


@pytest.mark.parametrize("table", TABLES.names)
def test_every_column_is_in_the_store_with_its_type(
    table: str, connection: duckdb.DuckDBPyConnection
) -> None:
    wanted = [(column.name, column.type) for column in TABLES[table].columns]
    assert connection.execute(DESCRIBED.format(table)).fetchall() == wanted
    assert wanted[0] == ("study", "VARCHAR")


def test_tables_and_columns_have_their_comments_in_the_store(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = connection.execute(
        "select table_name, comment from duckdb_tables() where database_name = 'store'"
    ).fetchall()
    wanted = {table.name: table.comment for table in TABLES}
    assert {name: comment for name, comment in found if name != "store"} == wanted
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() where database_name = 'store'"
    ).fetchall()
    said = {(table, column): comment for table, column, comment in columns}
    for table in TABLES:
        assert table.comment.endswith(".")
        for column in table.columns:
            assert said[table.name, column.name] == column.comment != ""


def test_the_store_has_these_tables_and_views_and_no_others(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = connection.execute(
        "select table_name, table_type from information_schema.tables where table_catalog = 'store'"
    ).fetchall()
    tables = [(name, "BASE TABLE") for name in (*TABLES.names, "store")]  # store: its version
    views = [(name, "VIEW") for name in view_comments(views_sql())]
    assert sorted(found) == sorted(tables + views)


@pytest.mark.parametrize("view", ["leaderboard", "harm_reduction", "severe_errors", "cost"])
def test_a_view_can_be_read_and_says_what_it_is(
    view: str, connection: duckdb.DuckDBPyConnection
) -> None:
    assert len(view_comments(views_sql())[view]) > 20
    connection.execute("use store")
    columns = [name for name, _ in connection.execute(DESCRIBED.format(view)).fetchall()]
    assert {"study", "ensemble", "simulated"} <= set(columns)


def test_every_table_column_and_view_is_on_the_page() -> None:
    page = describe(views_sql())
    for table in TABLES:
        section = page.split(f"### {table.name}\n")[1].split("\n### ")[0]
        for column in table.own:
            name = f"**{column.name}**" if column.key else column.name
            assert f"| {name} | {column.type} | {column.comment} |" in section
    for view, meaning in view_comments(views_sql()).items():
        assert f"- `{view}`: {meaning}\n" in page


def test_the_tables_can_be_made_twice() -> None:
    with duckdb.connect() as connection:
        for _ in range(2):
            connection.execute(ddl())
            connection.execute(views_sql())
        made = {
            name
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }
        assert made == set(TABLES.names)
