"""The schema of the store: version, tables, DDL, and the page that documents it."""

from primum.core.registry import Registry
from primum.core.sql import identifier, literal
from primum.evaluation.store.tables.answer_tables import ANSWER_TABLES
from primum.evaluation.store.tables.figure_tables import FIGURE_TABLES
from primum.evaluation.store.tables.score_tables import SCORE_TABLES
from primum.evaluation.store.tables.study_tables import STUDY_TABLES
from primum.evaluation.store.tables.table import Batch, Table

SCHEMA_VERSION = 9

TABLES = Registry("table", (*STUDY_TABLES, *ANSWER_TABLES, *SCORE_TABLES, *FIGURE_TABLES))
"""Every table of the store."""
SCORES_OF_ANSWERS = (*(table.name for table in SCORE_TABLES), "attributions")
"""The tables of scores, and of what rests on the scores of single answers."""

INTRODUCTION = (
    "`primum query` answers SQL over these tables (DuckDB), and a bare view name. "
    "The store is derived from the ledger: `primum rebuild` fills it again. "
    "This page is generated: `primum query --schema > docs/schema.md`."
)
ROWS = (
    "The sentence under the name of a table says what a row is. The first column of every table is "
    "`study`, the study's id; with it, the columns in bold identify a row."
)


def batch_of(source: object) -> Batch:
    """The rows of every table that is filled from a source record, by table.

    Raises:
        ValueError: a row lacks a column of its table, or has one that the table does not.
    """
    return {table.name: table.filled(source) for table in filled_from(type(source))}


def filled_from(source: type) -> list[Table]:
    """The tables that are filled from a type of source record."""
    return [table for table in TABLES if table.source is source]


def ddl() -> str:
    """The statements that create the tables, with comments on tables and columns."""
    return "\n".join(statement for table in TABLES for statement in _statements(table))


def _statements(table: Table) -> list[str]:
    name = identifier(table.name)
    columns = ", ".join(f"{identifier(c.name)} {c.type}" for c in table.columns)
    return [
        f"create table if not exists {name} ({columns});",
        f"comment on table {name} is {literal(table.comment)};",
        *(
            f"comment on column {name}.{identifier(c.name)} is {literal(c.comment)};"
            for c in table.columns
        ),
    ]


def describe(views: str) -> str:
    """The text of docs/schema.md: every table and view.

    Args:
        views: the text of views.sql; the comment above a view is its description.
    """
    parts = [
        "# The store",
        INTRODUCTION,
        "## Views",
        "\n".join(f"- `{name}`: {meaning}" for name, meaning in view_comments(views).items()),
        "## Tables",
        ROWS,
    ]
    for table in TABLES:
        rows = [
            f"| {f'**{c.name}**' if c.key else c.name} | {c.type} | {c.comment} |"
            for c in table.own
        ]
        head = ["| column | type | meaning |", "|---|---|---|"]
        parts += [f"### {table.name}", table.comment, "\n".join([*head, *rows])]
    return "\n\n".join(parts) + "\n"


def view_comments(views: str) -> dict[str, str]:
    """The comment above each view in views.sql, by the name of the view."""
    found: dict[str, str] = {}
    comment: list[str] = []
    for line in views.splitlines():
        if line.startswith("--"):
            comment.append(line.removeprefix("--").strip())
        elif line.startswith("create or replace view "):
            found[line.split()[4]] = " ".join(comment)
            comment = []
        elif not line.strip():
            comment = []
    return found
