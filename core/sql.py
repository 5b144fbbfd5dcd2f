"""Names and texts as they stand in SQL, for DuckDB and SQLite alike."""

from collections.abc import Iterable


def identifier(name: str) -> str:
    """A name of a table or column, in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, in single quotes."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Texts in single quotes, with commas between them, such as after `in`."""
    return ", ".join(map(literal, texts))
