"""The board of a study while it runs, read from the store now and then."""

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
    *("coverage", "judged", "degraded"),
)
BOARD = """
with counts as (
    select study, ensemble, count(*) as answers from answers group by all
),
item_counts as (select study, count(*) as items from items group by all)
select ensemble, coalesce(answers, 0) || if(e.from_file, '', ' of ' || items * trials),
       f1_weighted, f1_lo, f1_hi, severe_rate, severe_lo, severe_hi, omissions, commissions,
       coverage, judged, degraded, s.complete
from ensembles e join studies s using (study) join item_counts using (study)
left join counts using (study, ensemble) left join leaderboard using (study, ensemble)
where study = ? order by f1_weighted desc nulls last, ensemble
"""


class Board(NamedTuple):
    """How a study stands: a row of COLUMNS for each ensemble, best weighted F1 first."""

    rows: list[tuple[object, ...]]
    complete: bool


def boards(store: Path, study: str, seconds: float) -> Iterator[Board]:
    """Each board of a study that differs from the last, until it is complete.

    Args:
        store: the DuckDB file; it is opened for the moment of each look, so that a run that has a
            batch to write does not wait for longer than one query takes.
        study: its id.
        seconds: between two looks.

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
    """The board of a study now; None where the store does not know it yet."""
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
    """One block: when, what, and the table."""
    console.print(_block(board, study))


def show_live(looks: Iterable[Board], study: Study, console: Console) -> None:
    """The board in place on a terminal; the last one stays there."""
    with Live(console=console, auto_refresh=False) as live:
        for board in looks:
            live.update(_block(board, study), refresh=True)


def _block(board: Board, study: Study) -> RenderableType:
    at = datetime.now(UTC).astimezone().strftime("%H:%M:%S")
    state = "complete" if board.complete else "running, intervals once it is complete"
    tags = [" SIMULATED"] * study.simulated + matcher_tags(study)
    title = Text(f"{study.id} at {at}: {state}{''.join(tags)}", style="bold")
    return Group(title, table_of(COLUMNS, board.rows))
