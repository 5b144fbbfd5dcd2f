"""The tables of an ablation: contrasts, Shapley values, effects, failures, diversity, sizes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from primum.core.terminal import clean
from primum.evaluation.analysis.attribution.attribution import FAILURES
from primum.evaluation.analysis.contributions.role_effects import ANY, SWAP
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, SEVERE_RATE
from primum.evaluation.metrics.version_1 import SAFETY
from primum.evaluation.store.recorder import Result

SMALLEST_P = 0.001
WITH_DEGRADED = (
    "DEGRADED: what follows counts degraded answers as their teams': a seat whose agent gave no "
    "usable reply seems to have no effect."
)


def analysis_tables(result: Result) -> Iterator[Group]:
    """A table for every analysis of a study that has rows."""
    figures = result.figures
    if any(tally.degraded for tally in result.outcome_counts.values()):
        yield Group(Text(f"\n{WITH_DEGRADED}"))
    yield from _registered(result)
    yield from _shapley_values(figures.get("shapley_values", ()))
    yield from _effects(figures.get("effects", ()))
    yield from _failures(result.failures)
    yield from _diversity(figures.get("diversity", ()))
    yield from _correlations(figures.get("error_correlations", ()))
    yield from _sizes(figures.get("team_sizes", ()))


def _registered(result: Result) -> Iterator[Group]:
    rows = []
    for contrast in result.study.contrasts:
        for c in result.comparisons:
            wanted = (contrast.ensemble, contrast.against, contrast.metric)
            if (c.ensemble, c.against, c.metric) == wanted and c.adjustment == "holm":
                figure = _figure(c.difference, c.lo, c.hi, 1, 3)
                names = (
                    contrast.ensemble + result.degraded_mark(contrast.ensemble),
                    contrast.against + result.degraded_mark(contrast.against),
                    contrast.metric,
                )
                rows.append((*names, figure, _p(c.p), _p(c.p_adjusted), str(c.cases)))
    titles = "ensemble, against, metric, difference, p, p (Holm), cases"
    yield from _table("Contrasts registered before the study", titles, 3, rows)


def _shapley_values(found: Sequence[Any]) -> Iterator[Group]:
    severe = {(w.game, w.model): w for w in found if w.metric == SEVERE_RATE.name}
    rows = []
    for value in (w for w in found if w.metric == SAFETY.name):
        other = severe[value.game, value.model]
        rows.append(
            (
                *(clean(value.game), clean(value.model)),
                _figure(other.shapley, other.lo, other.hi, 100, 1),
                _figure(value.shapley, value.lo, value.hi, 1, 3),
                _figure(value.leave_one_out, value.loo_lo, value.loo_hi, 1, 3),
                "exact" if value.exact else f"{value.orders} sampled ±{value.sampling_error:.3f}",
            )
        )
    title = "Shapley values of generators (0: an answer that recommends nothing)"
    safety = SAFETY.name
    titles = f"game, model, Severe harm (points), {safety}, {safety} left out, permutations"
    yield from _table(title, titles, 2, rows)


def _effects(found: Sequence[Any]) -> Iterator[Group]:
    by_seat: dict[tuple[str, str, str], dict[str, Any]] = {}
    for effect in found:
        if effect.kind != SWAP or effect.other == ANY:
            by_seat.setdefault((effect.kind, effect.role, effect.model), {})[effect.metric] = effect
    rows = []
    for (kind, role, model), metrics in by_seat.items():
        severe, f1 = metrics[SEVERE_RATE.name], metrics[F1_WEIGHTED.name]
        rows.append(
            (
                *(role, clean(model), "any other" if kind == SWAP else "no agent"),
                _figure(severe.difference, severe.lo, severe.hi, 100, 1),
                _p(severe.p_adjusted),
                _figure(f1.difference, f1.lo, f1.hi, 1, 3),
                *(_p(f1.p_adjusted), str(severe.pairs)),
            )
        )
    title = "Effects of a model in a role (below 0: less harm); p adjusted (Benjamini-Hochberg)"
    titles = f"role, model, against, Severe harm (points), p, {F1_WEIGHTED.name}, p, pairs"
    yield from _table(title, titles, 3, rows)


def _failures(found: Counter[tuple[str, str]]) -> Iterator[Group]:
    total = found.total()
    rows = []
    for failure in FAILURES:
        counts = [found[failure, severity] for severity in ("severe", "moderate", "mild")]
        if any(counts):
            rows.append((failure, *map(str, counts), f"{sum(counts) / total:.1%}"))
    title = "Failure modes of the harms of teams (defined in docs/metrics.md)"
    yield from _table(title, "failure mode, severe, moderate, mild, share", 1, rows)


def _diversity(found: Sequence[Any]) -> Iterator[Group]:
    rows = [
        (
            *(d.graph, str(d.generators), str(d.mixed), str(d.same)),
            *(f"{100 * gain:+.1f}" for gain in (d.mixed_gain, d.same_gain)),
            _figure(d.difference, d.lo, d.hi, 100, 1),
            "-" if isnan(d.share) else f"{d.share:.0%}",
        )
        for d in found
        if d.metric == SEVERE_RATE.name
    ]
    title = "Severe harm avoided relative to the mean member (points), by families of the team"
    titles = "graph, generators, mixed, one family, gain mixed, gain one family, difference, share"
    yield from _table(title, titles, 1, rows)


def _correlations(found: Sequence[Any]) -> Iterator[Group]:
    rows = []
    for same, label in ((True, "one family"), (False, "two families")):
        pairs = [c for c in found if c.severity == "any" and c.same_family is same]
        known = [c.phi for c in pairs if not isnan(c.phi)]
        if known:
            shared, expected = sum(c.shared for c in pairs), sum(c.expected_shared for c in pairs)
            spread = f"{min(known):.2f} to {max(known):.2f}"
            mean = f"{sum(known) / len(known):.2f}"
            rows.append((label, str(len(known)), mean, spread, f"{shared} ({expected:.0f})"))
    title = "Correlation of the errors of two solos (any harm; phi)"
    titles = "models of, pairs, mean phi, range, shared harms (expected if independent)"
    yield from _table(title, titles, 1, rows)


def _sizes(found: Sequence[Any]) -> Iterator[Group]:
    rows = [
        (
            *(str(size.agents), str(size.ensembles), f"{size.median:.3f}"),
            f"{100 * size.median_severe_rate:.1f}%",
            *(_odds(size.odds_ratio, size.lo, size.hi), str(size.top_quartile)),
            *(_odds(size.gee_odds_ratio, size.gee_lo, size.gee_hi), _p(size.gee_p)),
        )
        for size in found
        if size.metric == SAFETY.name
    ]
    title = "Ensembles by number of agents, against solos"
    titles = (
        f"agents, ensembles, median {SAFETY.name}, median severe harm, "
        f"odds ratio of the best quarter ({SAFETY.name}), "
        "in the best quarter, odds ratio of severe harm (GEE), p"
    )
    yield from _table(title, titles, 0, rows)


def _table(title: str, titles: str, words: int, rows: Sequence[Sequence[str]]) -> Iterator[Group]:
    """A table of rows if there are any; the first columns are words, the others figures."""
    if rows:
        table = Table(box=None, pad_edge=False)
        for place, name in enumerate(titles.split(", ")):
            table.add_column(name, justify="left" if place < words else "right")
        for row in rows:
            table.add_row(*map(clean, row))
        yield Group(Text(f"\n{title}", style="bold"), table)


def _figure(value: float, lo: float, hi: float, scale: int, digits: int) -> str:
    if isnan(value):
        return "-"
    mean, low, high = (f"{scale * number:+.{digits}f}" for number in (value, lo, hi))
    return mean if isnan(lo) or low == high else f"{mean} ({low} to {high})"


def _odds(value: float, lo: float, hi: float) -> str:
    return "-" if isnan(value) else f"{value:.2f} ({lo:.2f} to {hi:.2f})"


def _p(value: float) -> str:
    if isnan(value):
        return "-"
    return f"<{SMALLEST_P}" if value < SMALLEST_P else f"{value:.3f}"
