"""The leaderboard of a study while it runs, read from the store at intervals."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from primum.agents.studies.study import Study
from primum.core.terminal import table_of
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED
from primum.evaluation.notices import matcher_tags
from primum.evaluation.store.database import reading

COLUMNS = (
    *("ensemble", "answers", F1_WEIGHTED.name, "severe harm", "omissions", "commissions"),
    *("coverage", "judged", "degraded", "normalised"),
)
BOARD = """
with counts as (
    select study, ensemble, count(*) as answers from answers group by all
),
item_counts as (select study, count(*) as items from items group by all)
select ensemble, coalesce(answers, 0) || if(e.from_file, '', ' of ' || items * trials),
       f1_weighted, f1_lo, f1_hi, severe_rate, severe_lo, severe_hi, omissions, commissions,
       coverage, judged, degraded, normalised, s.complete
from ensembles e join studies s using (study) join item_counts using (study)
left join counts using (study, ensemble) left join leaderboard using (study, ensemble)
where study = ? order by f1_weighted desc nulls last, ensemble
"""


class Board(NamedTuple):
    """The leaderboard at one moment: a row of COLUMNS by ensemble, the best weighted F1 first."""

    rows: list[tuple[object, ...]]
    complete: bool


def boards(store: Path, study: str, seconds: float) -> Iterator[Board]:
    """The boards of a study, each that differs from the one before, until it is complete.

    Args:
        store: the DuckDB file; it is opened only for each query, so that a run that writes a batch
            waits no longer than the query takes.
        study: its id.
        seconds: between two queries.

    Raises:
        DataError: the store cannot be opened or read.
    """
    last = None
    while last is None or not last.complete:
        board = read_board(store, study)
        if board and board != last:
            last = board
            yield board
        if last is None or not last.complete:
            time.sleep(seconds)


def read_board(store: Path, study: str) -> Board | None:
    """The board of a study; None if the store does not have the study yet."""
    if not store.exists():
        return None
    with reading(store) as connection:
        found = connection.execute(BOARD, [study]).fetchall()
    return Board([_shown(*row[:-1]) for row in found], bool(found[0][-1])) if found else None


def _shown(
    ensemble: str,
    answers: str,
    f1: float | None,
    f1_lo: float | None,
    f1_hi: float | None,
    severe: float | None,
    severe_lo: float | None,
    severe_hi: float | None,
    *others: object,
) -> tuple[object, ...]:
    first = _figure(f1, f1_lo, f1_hi, ".3f")
    return ensemble, answers, first, _figure(severe, severe_lo, severe_hi, ".1%"), *others


def _figure(mean: float | None, lo: float | None, hi: float | None, form: str) -> str:
    if mean is None:
        return ""
    between = "" if lo is None or hi is None or lo == hi else f" ({lo:{form}} to {hi:{form}})"
    return f"{mean:{form}}{between}"


def show_board(board: Board, study: Study, console: Console) -> None:
    """Print the time, the state of the study and the leaderboard."""
    console.print(_block(board, study))


def show_live(found: Iterable[Board], study: Study, console: Console) -> None:
    """Redraw the board in place on a terminal; the last one remains."""
    with Live(console=console, auto_refresh=False) as live:
        for board in found:
            live.update(_block(board, study), refresh=True)


def _block(board: Board, study: Study) -> RenderableType:
    at = datetime.now(UTC).astimezone().strftime("%H:%M:%S")
    state = "complete" if board.complete else "running, intervals when complete"
    tags = [" SIMULATED"] * study.simulated + matcher_tags(study)
    of = f" ({study.part.size})" if study.part else ""
    title = Text(f"{study.id}{of} at {at}: {state}{''.join(tags)}", style="bold")
    return Group(title, table_of(COLUMNS, board.rows))
