"""The store's schema: its version, the statements that make it, the page that describes it."""

from primum.evaluation.store.analysis_tables import ANALYSIS_TABLES
from primum.evaluation.store.answer_tables import ANSWER_TABLES

SCHEMA_VERSION = 6

TABLES = {**ANSWER_TABLES, **ANALYSIS_TABLES}
INTRODUCTION = (
    "`primum query` answers SQL over these tables (DuckDB), and a bare view name. "
    "The store is a view of the ledger: the same run fills it again. "
    "This page is generated: `primum query --schema > docs/schema.md`."
)


def ddl() -> str:
    """The statements that make the tables."""
    return "\n".join(
        f"create table if not exists {name} ("
        + ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        + ");"
        for name, table in TABLES.items()
    )


def describe(views: str) -> str:
    """docs/schema.md: every table and view, from the code.

    Args:
        views: the text of views.sql; the comment above a view is its description.
    """
    parts = [
        "# The store",
        INTRODUCTION,
        "## Views",
        "\n".join(f"- `{name}`: {meaning}" for name, meaning in view_comments(views).items()),
        "## Tables",
        "Every table begins with `study`, the study's id.",
    ]
    for name, table in TABLES.items():
        rows = [
            f"| {column.name} | {column.type} | {column.meaning} |" for column in table.columns[1:]
        ]
        head = ["| column | type | meaning |", "|---|---|---|"]
        parts += [f"### {name}", f"A row is {table.row}.", "\n".join([*head, *rows])]
    return "\n\n".join(parts) + "\n"


def view_comments(views: str) -> dict[str, str]:
    """Each view of views.sql with the comment that stands above it."""
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
