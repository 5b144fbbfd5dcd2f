"""The summary of a run: leaderboard, differences to members, and notes."""

import shlex
from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from primum.agents.models.outcomes import Outcome
from primum.agents.topologies.ensemble import Kind
from primum.core.console import counted
from primum.core.sql import literal
from primum.core.terminal import NOTICE, clean, show_lines
from primum.evaluation.metrics.july_2026 import JULY_2026, SEVERE_RATE
from primum.evaluation.metrics.record import AnswerMetric
from primum.evaluation.metrics.registry import definition_of, headline_of
from primum.evaluation.metrics.version_1 import COMMISSIONS, OMISSIONS
from primum.evaluation.notices import matcher_tags, study_banners
from primum.evaluation.scoring.policies import DEFAULT_POLICY
from primum.evaluation.store.recorder import Result
from primum.evaluation.text_report.ablation_tables import analysis_tables
from primum.evaluation.text_report.figure_text import (
    difference,
    label_of,
    number,
    with_interval,
)
from primum.evaluation.text_report.run_notes import LOST, Figures, lost_notes, notes

if TYPE_CHECKING:
    from primum.evaluation.statistics.paired_differences import Comparison

BEST_SHOWN, WORST_SHOWN = 12, 3
COMPARATOR_LABELS = {
    "best_member": "best member",
    "mean_member": "mean member",
    "best_solo": "best solo",
    "same_cost": "one model, same calls",
}
COMPARATORS_OF_MANY = ("best_member", "same_cost")
KIND_ORDER = {Kind.CONTROL: 2, Kind.SOLO: 1}
PROBE = "       primum probe --panel PANEL   (what each model replies, and what to change)"
HARMS = (SEVERE_RATE, OMISSIONS, COMMISSIONS)
HARM_LABELS = (SEVERE_RATE.label, OMISSIONS.name, COMMISSIONS.name)


def show_result(
    result: Result, console: Console, definition: str = JULY_2026.name, *, whole: bool = False
) -> None:
    """Print the leaderboard, the differences to members, and notes on missing answers.

    Of many teams only the best and the worst are shown.

    Args:
        result: the study's figures.
        console: to print on.
        definition: the definition whose headline metric comes first.
        whole: whether to print the tables of every analysis.
    """
    study = result.study
    figures = {(e.ensemble, e.policy, e.key): e for e in result.estimates}
    said = study_banners(study)
    show_lines((*said, *(study.judge.notes() if study.judge else ())), console, NOTICE)
    if result.lost:
        show_lines((LOST, *lost_notes(result)), console)
        return
    headline = headline_of(definition_of(definition))
    ranked = _ranked(result, figures, headline)
    console.print(_board(result, figures, headline, ranked))
    teams = [spec.name for spec in study.ensembles if spec.kind not in KIND_ORDER]
    if len(teams) > sum(name in teams for name in ranked):
        console.print(f"The best {BEST_SHOWN} and worst {WORST_SHOWN} of {len(teams)} teams.")
    if result.comparisons:
        console.print(_differences(result, headline, ranked))
    if whole:
        for table in analysis_tables(result):
            console.print(table)
    show_lines(notes(result, figures), console)


def _ranked(result: Result, figures: Figures, headline: AnswerMetric) -> list[str]:
    """Teams, solos, then controls, the best first; of many teams only the best and the worst."""

    def order(name: str) -> tuple[int, float]:
        first = figures[name, DEFAULT_POLICY, headline.key].mean
        return KIND_ORDER.get(kinds[name], 0), -first if not isnan(first) else 1.0

    kinds = {spec.name: spec.kind for spec in result.study.ensembles}
    ranked = sorted(kinds, key=order)
    teams = [name for name in ranked if kinds[name] not in KIND_ORDER]
    hidden = teams[BEST_SHOWN:-WORST_SHOWN] if len(teams) > BEST_SHOWN + WORST_SHOWN else []
    return [name for name in ranked if name not in set(hidden)]


def _board(result: Result, figures: Figures, headline: AnswerMetric, ranked: list[str]) -> Table:
    study = result.study
    tags = [" SIMULATED"] * study.simulated + matcher_tags(study)
    size = study.part.size if study.part else ""
    what = ", ".join(part for part in (study.suite.name, size, study.protocol.heading) if part)
    title = f"{what}: mean over base cases, 95% interval {''.join(tags)}"
    table = _table(title.rstrip())
    for name in (label_of(headline), *HARM_LABELS):
        table.add_column(name, justify="right")
    matched = study.protocol.record.matched
    marks = _marks(result)
    for name in ("Calls", "Cost $", "Coverage", *(["Judged"] if matched else []), *marks):
        table.add_column(name, justify="right")

    kinds = {spec.name: spec.kind for spec in study.ensembles}
    previous = None
    for name in ranked:
        if previous not in (None, _order(kinds[name])):
            table.add_row()
        previous = _order(kinds[name])
        tally, spent = result.outcome_counts[name], result.spending[name].answering
        own = [figures[name, DEFAULT_POLICY, metric.key] for metric in (headline, *HARMS)]
        table.add_row(
            clean(name),
            with_interval(own[0]),
            with_interval(own[1], percent=True),
            number(own[2].mean),
            number(own[3].mean),
            str(spent.calls),
            "unknown" if spent.cost is None else f"{spent.cost:.2f}",
            f"{tally.coverage:.1%}",
            *([f"{tally.judged:.1%}"] if matched else []),
            *(mark(name) for mark in marks.values()),
        )
    return table


def _marks(result: Result) -> dict[str, Callable[[str], str]]:
    """Columns that are shown where an ensemble has an entry: their text, by ensemble."""

    def degraded(name: str) -> str:
        tally = result.outcome_counts[name]
        return f"{tally.degraded} of {tally.outcomes[Outcome.OK]}" if tally.degraded else ""

    def normalised(name: str) -> str:
        counts = result.replies.by_ensemble.get(name)
        return f"{counts.normalised} of {counts.replies}" if counts and counts.normalised else ""

    columns = {"Degraded": degraded, "Normalised": normalised}
    names = [spec.name for spec in result.study.ensembles]
    return {title: of for title, of in columns.items() if any(map(of, names))}


def _order(kind: Kind) -> int:
    return KIND_ORDER.get(kind, 0)


def _differences(result: Result, headline: AnswerMetric, ranked: list[str]) -> Table:
    table = _table(
        "Difference to members and solos, paired by case, 95% interval (below 0: less harm)"
    )
    table.add_column("against")
    severe, *counts = HARM_LABELS
    for name in (f"{severe} (points)", *counts, label_of(headline)):
        table.add_column(name, justify="right")
    many = len(ranked) < len(result.study.ensembles)
    found: dict[tuple[str, str], dict[str, Comparison]] = {}
    for comparison in result.comparisons:
        pair = (comparison.ensemble, comparison.against)
        found.setdefault(pair, {})[comparison.key] = comparison
    for (ensemble, against), by_metric in found.items():
        if ensemble not in ranked or (many and against not in COMPARATORS_OF_MANY):
            continue
        label = COMPARATOR_LABELS.get(against, against)
        table.add_row(
            clean(ensemble) + result.degraded_mark(ensemble),
            clean(label) + result.degraded_mark(against),
            *(
                difference(by_metric[metric.key], percent=metric == SEVERE_RATE)
                for metric in (*HARMS, headline)
            ),
        )
    return table


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("ensemble", no_wrap=True)
    return table


def show_next(result: Result, workspace: Path, made: int, found: int, console: Console) -> None:
    """Print the number of calls that the run made, and useful next commands."""
    option = (
        "" if workspace == Path("primum-data") else f" --workspace {shlex.quote(str(workspace))}"
    )
    errors = f"select * from severe_errors where study = {literal(result.study.id)}"
    real = f"       primum run --panel PANEL --suite SUITE{option}   (real models: primum models)"
    lines = (
        f"study {result.study.id}: {counted(made, 'call')} made, {found} answered from the ledger",
        f"next:  primum report{option}",
        PROBE if result.lost else f'       primum query "{errors}"{option}',
        *([real] if result.study.simulated else []),
    )
    show_lines((line.replace("\n", "\N{REPLACEMENT CHARACTER}") for line in lines), console)
