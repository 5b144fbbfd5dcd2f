"""The tables that an ablation ends with: who is worth what, where harm comes from, why."""

from collections.abc import Iterator
from math import isnan

from rich.table import Table

from primum.cases.show import clean
from primum.evaluation.analysis.effects import ANY, SWAP, Effect
from primum.evaluation.recorder import Result

SEVERE, F1 = "Severe_rate", "F1_weighted"


def analysis_tables(result: Result) -> Iterator[Table]:
    """Every analysis of a study that has rows."""
    yield from _effects(result)


def _effects(result: Result) -> Iterator[Table]:
    found: tuple[Effect, ...] = result.figures.get("effects", ())
    by_seat: dict[tuple[str, str, str, str | None], dict[str, Effect]] = {}
    for effect in found:
        if effect.kind != SWAP or effect.other == ANY:
            seat = (effect.kind, effect.role, effect.model, effect.other)
            by_seat.setdefault(seat, {})[effect.metric] = effect
    if not by_seat:
        return
    table = _table("What a model in a role changes (below 0: less harm); p adjusted (BH)")
    for name in ("role", "model", "against", "Severe harm (points)", "p", "F1_weighted", "p"):
        table.add_column(name, justify="left" if name in {"role", "model", "against"} else "right")
    table.add_column("pairs", justify="right")
    for (kind, role, model, _), metrics in by_seat.items():
        severe, f1 = metrics[SEVERE], metrics[F1]
        table.add_row(
            *(role, clean(model), "any other" if kind == SWAP else "nobody there"),
            *(_figure(severe, 100, 1), _p(severe.p_adjusted)),
            *(_figure(f1, 1, 3), _p(f1.p_adjusted), str(severe.pairs)),
        )
    yield table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)


def _figure(effect: Effect, scale: int, digits: int) -> str:
    if isnan(effect.difference):
        return "-"
    mean, lo, hi = (
        f"{scale * value:+.{digits}f}" for value in (effect.difference, effect.lo, effect.hi)
    )
    return mean if isnan(effect.lo) or lo == hi else f"{mean} ({lo} to {hi})"


def _p(value: float) -> str:
    return "-" if isnan(value) else "<.001" if value < 0.001 else f"{value:.3f}".lstrip("0")  # noqa: PLR2004
