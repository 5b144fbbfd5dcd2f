"""The process that runs one statement of a user: it imports DuckDB and the standard library.

`sandbox.py` starts it in a folder that holds a copy of the store and nothing else, without the
environment's variables, and gives the statement as one line of JSON on standard input. The result
is a file in that folder; a refusal is one line on standard error, and exit code 3.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any, NoReturn

import duckdb

from primum.core.sql import literal

if sys.platform != "win32":
    import resource

STORE, RESULT, SPILL = "store.duckdb", "result", "spill"
REFUSED = 3
MEMORY = "1GB"  # of DuckDB's buffers: sorts, joins and groups beyond it go to the disk
ADDRESSES = 3 * 2**30  # bytes: 1 for the buffers, 1 for what is not in them, 1 for code and stacks
DISK = 4 * 2**30  # bytes of a result, and of what does not fit in memory
ROWS_A_LINE = 2048
LONGEST = 500  # characters of a refusal
NESTING = 10_000  # of a statement's tree as JSON: DuckDB's limit is 1,000 expressions
# The table functions that read only their arguments and the store.
TABLE_FUNCTIONS = frozenset(
    """duckdb_columns duckdb_functions duckdb_keywords duckdb_tables duckdb_types duckdb_views
    generate_series histogram histogram_values json_each json_tree pragma_table_info pragma_version
    range repeat repeat_row summary unnest""".split()
)


class RefusedError(Exception):
    """A statement that is not a query; the message is one line."""


def write_result(sql: str, form: str) -> None:
    """Write the result of one statement to the file RESULT in the current folder.

    Args:
        sql: one statement.
        form: "parquet", or "rows": one line of JSON with the columns' names and types, then lines
            of up to ROWS_A_LINE rows each.

    Raises:
        RefusedError: the statement is not a query, or its result is too large.
        duckdb.Error: it is invalid, names what does not exist, or takes too much memory.
    """
    with _open_locked(Path.cwd(), writes=form == "parquet") as connection:
        _require_query(connection, sql)
        if form == "parquet":
            connection.execute(f'create temp view "query result" as\n{sql}')
            connection.execute(f"""copy (from "query result") to {_path_literal(RESULT)}
                (format parquet)""")
            return
        cursor = connection.execute(sql)
        columns = [(name, str(kind)) for name, kind, *_ in cursor.description or ()]
        for name, kind in columns:
            if "WITH TIME ZONE" in kind:
                raise RefusedError(f"{name} is a time with a zone; cast it to timestamp or varchar")
        with Path(RESULT).open("w", encoding="ascii") as file:
            file.write(json.dumps(columns) + "\n")
            for line in _lines(cursor):
                file.write(line)
                if file.tell() > DISK:
                    raise RefusedError(f"the result is larger than {DISK // 2**30} GB")


def _open_locked(folder: Path, *, writes: bool) -> duckdb.DuckDBPyConnection:
    """The store, read-only, without access to other files, and with its settings locked."""
    connection = duckdb.connect(
        folder / STORE,
        config={
            "access_mode": "read_only",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "max_temp_directory_size": f"{DISK >> 20}MiB",
            "memory_limit": MEMORY,
            "python_enable_replacements": "false",
            "temp_directory": str(folder / SPILL),
        },
    )
    if writes:
        connection.execute(f"set allowed_paths = [{_path_literal(RESULT)}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    _forbid_processes()
    return connection


def _path_literal(name: str) -> str:
    return literal(str(Path.cwd() / name))


def _require_query(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse anything but one SELECT (or DESCRIBE, SUMMARIZE, SHOW) over tables of the store."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise RefusedError("give one statement at a time")
    found = connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchall()
    tree = json.loads(found[0][0])
    if tree["error"]:
        raise RefusedError(
            "only statements that read are allowed (select, from, with, describe ...)"
        )
    for name in _table_functions(tree):
        if name not in TABLE_FUNCTIONS:
            raise RefusedError(f"{name}() is not allowed; query tables and views")


def _table_functions(tree: Any) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("type") == "TABLE_FUNCTION":
                yield str(node["function"]["function_name"]).lower()
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _lines(cursor: duckdb.DuckDBPyConnection) -> Iterator[str]:
    while rows := cursor.fetchmany(ROWS_A_LINE):
        try:
            yield json.dumps(rows, default=_json_value) + "\n"
        except TypeError:  # a map, whose keys are no text
            yield json.dumps([_plain(row) for row in rows], default=_json_value) + "\n"


def _json_value(cell: object) -> float | str:
    """A value of a type that JSON lacks: a float where that is exact, else text."""
    if isinstance(cell, Decimal) and Decimal(repr(float(cell))) == cell:
        return float(cell)
    return str(cell)


def _plain(cell: object) -> object:
    if isinstance(cell, dict):
        return {str(key): _plain(value) for key, value in cell.items()}
    if isinstance(cell, list | tuple):
        return [_plain(item) for item in cell]
    return cell


def _limit(seconds: float) -> None:
    """Limit the memory, time and disk of this process, where the system can."""
    if sys.platform == "win32":
        return
    limits = {
        resource.RLIMIT_AS: ADDRESSES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: ceil(seconds) * (os.cpu_count() or 1) + 1,
        resource.RLIMIT_FSIZE: DISK,
    }
    for kind, most in limits.items():
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def _forbid_processes() -> None:
    """Forbid new processes, and threads beyond those of DuckDB."""
    if sys.platform != "win32":
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _exit(code: int, text: str = "") -> NoReturn:
    """Exit at once, so that nothing else can write to standard error."""
    sys.stderr.write(" ".join(text.split())[:LONGEST])
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Run the statement given on standard input."""
    sys.setrecursionlimit(NESTING)
    request = json.loads(sys.stdin.readline())
    _limit(request["seconds"])
    try:
        write_result(request["sql"], request["form"])
    except RefusedError as error:
        _exit(REFUSED, str(error))
    except (duckdb.OutOfMemoryException, MemoryError):
        _exit(
            REFUSED,
            f"stopped: it takes more than {MEMORY} of memory, or {DISK // 2**30} GB of disk",
        )
    except RecursionError:
        _exit(REFUSED, "it is nested too deeply")
    except duckdb.Error as error:
        _exit(REFUSED, str(error).split("\n\n")[0])
    _exit(0)


if __name__ == "__main__":
    main()
