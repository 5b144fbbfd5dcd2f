"""A table is declared in one place: DDL, writer, page and exports follow from its record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypedDict

import duckdb
import pytest

from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.evaluation.columns import KEY
from primum.evaluation.exports.parquet import export_tables
from primum.evaluation.store.database import Store
from primum.evaluation.store.query import query
from primum.evaluation.store.schema import TABLES, batch_of, describe
from primum.evaluation.store.tables.figure_tables import as_row
from primum.evaluation.store.tables.table import Row, Table, as_columns, columns_of
from primum.evaluation.store.views import views_sql
from primum.tests.studies import run_both

ITEM = {"item": "a", "base_case": "b", "specialty": "Other", "edit": None, "presentation": "?"}


@dataclass(frozen=True)
class Toy:
    """One toy.

    And more about it.
    """

    colour: Annotated[str, KEY, "of the toy's coat"]
    weight: Annotated[float | None, "in kg; null if unknown"]
    owners: Annotated[tuple[str, ...], "who has had it"]


class Toys(NamedTuple):
    toys: Sequence[Toy]


def toy_rows(source: Toys) -> Iterator[Row]:
    return map(as_row, source.toys)


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Table:
    table = Table("toys", Toy, Toys, toy_rows)
    monkeypatch.setitem(TABLES._records, table.name, table)
    return table


@pytest.mark.usefixtures("toys")
def test_a_new_table_is_made_filled_described_asked_for_and_exported(
    study: Study, tmp_path: Path
) -> None:
    path = tmp_path / "store.duckdb"
    Store(path).write(study.id, batch_of(Toys([Toy("red", 0.5, ("ann", "ben"))])))
    found = query(path, "toys")
    assert found.columns == ["study", "colour", "weight", "owners"]
    assert found.rows == [(study.id, "red", 0.5, ["ann", "ben"])]
    section = describe(views_sql()).split("### toys\n")[1]
    assert section.startswith("\nOne toy.\n")
    assert "| **colour** | VARCHAR | of the toy's coat |" in section
    assert "| owners | VARCHAR[] | who has had it |" in section
    written = export_tables(path, study, tmp_path / "tables")
    assert tmp_path / "tables" / "toys.parquet" in written
    with duckdb.connect(path, read_only=True) as store:
        said = store.execute(
            "select column_name, comment from duckdb_columns() where table_name = 'toys'"
        ).fetchall()
    assert ("weight", "in kg; null if unknown") in said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**ITEM, "weather": "fine"}, "table items: there is no column weather"),
        (
            {name: value for name, value in ITEM.items() if name != "specialty"},
            "table items: the column specialty is missing",
        ),
        (
            {"colour" if name == "edit" else name: value for name, value in ITEM.items()},
            "table items: the column edit is missing",
        ),
    ],
)
def test_a_missing_or_unknown_column_is_named(
    row: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        as_columns(TABLES["items"], [ITEM, row])
    store = Store(tmp_path / "store.duckdb")
    with pytest.raises(ValueError, match=f"^{said}$"):
        store.write("s", {"items": {name: [value] for name, value in row.items()}})
    with duckdb.connect(store.path, read_only=True) as connection:
        assert connection.execute("select count(*) from items").fetchall() == [(0,)]


def test_columns_may_come_in_any_order(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.duckdb")
    rows = [ITEM, dict(reversed({**ITEM, "item": "b"}.items()))]
    store.write("s", {"items": as_columns(TABLES["items"], rows)})
    found = query(store.path, "select * from items order by item").rows
    assert found == [("s", name, "b", "Other", None, "?") for name in ("a", "b")]


class Bare(TypedDict):
    """No meaning."""

    weight: float


class Odd(TypedDict):
    """A type that DuckDB lacks here."""

    weight: Annotated[complex, "in two dimensions"]


@pytest.mark.parametrize(("record", "said"), [(Bare, "Bare.weight"), (Odd, "Odd.weight")])
def test_a_field_without_comment_or_type_is_named(record: type, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        columns_of(record)


def test_no_two_rows_of_a_study_have_the_same_key(tiny_suite: Suite, tmp_path: Path) -> None:
    run_both(tmp_path, tiny_suite)
    with duckdb.connect(tmp_path / "ws" / "store.duckdb", read_only=True) as store:
        for table in TABLES:
            names = ", ".join(["study", *sorted(table.key)])
            twice = f"select {names} from {table.name} group by {names} having count(*) > 1"
            assert store.execute(twice).fetchall() == [], table.name
