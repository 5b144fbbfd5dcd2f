"""The summary of a run: leaderboard, differences to members, and notes."""

import shlex
from collections.abc import Iterator
from math import isnan
from pathlib import Path

from rich.console import Console
from rich.table import Table

from primum.agents.models.outcomes import Outcome
from primum.agents.topologies.ensemble import Kind
from primum.core.console import counted
from primum.core.sql import literal
from primum.core.terminal import NOTICE, clean, show_lines
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, JULY_2026, SEVERE_RATE
from primum.evaluation.metrics.record import AnswerMetric
from primum.evaluation.metrics.registry import definition_of, headline_of
from primum.evaluation.metrics.version_1 import COMMISSIONS, OMISSIONS
from primum.evaluation.notices import matcher_tags, study_banners
from primum.evaluation.scoring.answer_key import WEIGHTS
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Policy, Treatment
from primum.evaluation.statistics.estimates import Estimate
from primum.evaluation.statistics.paired_differences import Comparison
from primum.evaluation.store.recorder import Result
from primum.evaluation.text_report.ablation_tables import analysis_tables

BEST_SHOWN, WORST_SHOWN = 12, 3
COMPARATOR_LABELS = {
    "best_member": "best member",
    "mean_member": "mean member",
    "best_solo": "best solo",
    "same_cost": "one model, same calls",
}
COMPARATORS_OF_MANY = ("best_member", "same_cost")
KIND_ORDER = {Kind.CONTROL: 2, Kind.SOLO: 1}
MODEL_FAILURES = ", ".join(outcome for outcome in Outcome if outcome.is_model_failure)
HARMS = (SEVERE_RATE, OMISSIONS, COMMISSIONS)
HARM_LABELS = (SEVERE_RATE.label, OMISSIONS.name, COMMISSIONS.name)
Figures = dict[tuple[str, Policy, str], Estimate]
"""By ensemble, policy and metric key."""


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
    show_lines(_notes(result, figures), console)


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
    for name in (_label(headline), *HARM_LABELS):
        table.add_column(name, justify="right")
    matched = study.protocol.record.matched
    for name in ("Calls", "Cost $", "Coverage", *(["Judged"] if matched else [])):
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
            _interval(own[0]),
            _interval(own[1], percent=True),
            _number(own[2].mean),
            _number(own[3].mean),
            str(spent.calls),
            "unknown" if spent.cost is None else f"{spent.cost:.2f}",
            f"{tally.coverage:.1%}",
            *([f"{tally.judged:.1%}"] if matched else []),
        )
    return table


def _order(kind: Kind) -> int:
    return KIND_ORDER.get(kind, 0)


def _differences(result: Result, headline: AnswerMetric, ranked: list[str]) -> Table:
    table = _table(
        "Difference to members and solos, paired by case, 95% interval (below 0: less harm)"
    )
    table.add_column("against")
    severe, *counts = HARM_LABELS
    for name in (f"{severe} (points)", *counts, _label(headline)):
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
            clean(ensemble),
            clean(label),
            *(
                _difference(by_metric[metric.key], percent=metric == SEVERE_RATE)
                for metric in (*HARMS, headline)
            ),
        )
    return table


def _notes(result: Result, figures: Figures) -> Iterator[str]:
    yield (
        "Severe harm: share of cases with any severe harm. Omissions, commissions: harms per case. "
        "The best member and solo are selected by each figure on these cases, which favours them."
    )
    yield from (f"CAUTION {caution}" for caution in result.cautions)
    yield from _made_of(result, figures)
    specs = {spec.name: spec for spec in result.study.ensembles}
    for name, tally in result.outcome_counts.items():
        if tally.unanswered:
            yield (
                f"{name}: {tally.unanswered} of {tally.asked} not answered and not scored "
                "(--retry-failed repeats timeouts and provider errors)"
            )
        if tally.unjudged:
            yield f"{name}: {tally.unjudged} of {tally.asked} answered, not judged, and not scored"
        own_family = result.study.judged_by_own_family(specs[name])
        if own_family:
            yield f"{name}: judged by its own family ({', '.join(own_family)})"
        if tally.model_failures:
            other = figures[name, Policy.ANSWERED_ONLY, SEVERE_RATE.key]
            f1 = figures[name, Policy.ANSWERED_ONLY, F1_WEIGHTED.key]
            yield (
                f"{name}: {tally.model_failures} of {tally.asked} not usable ({MODEL_FAILURES}), "
                f"each {Treatment.AS_EMPTY}; {Policy.ANSWERED_ONLY.label.lower()}: "
                f"{F1_WEIGHTED.name} {_number(f1.mean, 3)}, "
                f"severe harm {_interval(other, percent=True)}"
            )
        if tally.degraded and specs[name].kind is not Kind.SOLO:
            yield f"{name}: {counted(tally.degraded, 'answer')} without a reply of some agent"
        for reason, number in tally.reasons.most_common(1):
            yield f"{name}: most frequent reason: {reason} ({number})"


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("ensemble", no_wrap=True)
    return table


def _made_of(result: Result, figures: Figures) -> Iterator[str]:
    """Notes on weights other than the default, calls of judges, and imported answers."""
    study = result.study
    if study.weights != WEIGHTS:
        weights = ":".join(f"{weight:g}" for weight in study.weights)
        yield f"WEIGHTS {weights} (severe:moderate:mild:uncertain), not the benchmark's 72:24:3:1"
    judging = result.judging
    if judging.calls:
        price = "cost unknown" if judging.cost is None else f"${judging.cost:.2f}"
        yield f"Judging took {counted(judging.calls, 'call')} ({price}), not included in the table."
    for spec in study.ensembles:
        if spec.kind is Kind.IMPORTED:
            asked, there = result.outcome_counts[spec.name].asked, result.items * study.trials
            cases = figures[spec.name, DEFAULT_POLICY, SEVERE_RATE.key].cases
            some, rests = counted(asked, "answer"), counted(cases, "base case")
            yield (
                f"{spec.name}: {some} to the suite's {there} items and trials; "
                f"its figures are from {rests}"
            )


def _label(headline: AnswerMetric) -> str:
    definition = headline.definition
    return headline.name if definition == JULY_2026 else f"{headline.name} ({definition.name})"


def _number(value: float, digits: int = 2) -> str:
    return "-" if isnan(value) else f"{value:.{digits}f}"


def _interval(estimate: Estimate, *, percent: bool = False) -> str:
    if isnan(estimate.mean):
        return "-"
    scale, digits, unit = (100, 1, "%") if percent else (1, 3, "")
    spread = _spread(estimate.lo, estimate.hi, scale, digits)
    return f"{scale * estimate.mean:.{digits}f}{unit}{spread}"


def _difference(comparison: Comparison, *, percent: bool = False) -> str:
    if isnan(comparison.difference):
        return "-"
    scale, digits = (100, 1) if percent else (1, 2)
    spread = _spread(comparison.lo, comparison.hi, scale, digits)
    return f"{scale * comparison.difference:+.{digits}f}{spread}"


def _spread(lo: float, hi: float, scale: int, digits: int) -> str:
    """An interval in parentheses; empty where it is undefined or has no width."""
    low, high = (f"{scale * end:.{digits}f}" for end in (lo, hi))
    return "" if isnan(lo) or low == high else f" ({low} to {high})"


def show_next(result: Result, workspace: Path, made: int, found: int, console: Console) -> None:
    """Print the number of calls that the run made, and useful next commands."""
    option = (
        "" if workspace == Path("primum-data") else f" --workspace {shlex.quote(str(workspace))}"
    )
    errors = f"select * from severe_errors where study = {literal(result.study.id)}"
    lines = (
        f"study {result.study.id}: {counted(made, 'call')} made, {found} answered from the ledger",
        f"next:  primum report{option}",
        f'       primum query "{errors}"{option}',
        f"       primum run --panel PANEL --suite SUITE{option}   (real models: primum models)",
    )
    show_lines((line.replace("\n", "\N{REPLACEMENT CHARACTER}") for line in lines), console)
