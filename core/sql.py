"""Names and texts as they stand in SQL, for DuckDB and SQLite alike."""


def identifier(name: str) -> str:
    """A name of a table or column, in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, in single quotes."""
    return "'" + text.replace("'", "''") + "'"
