"""Contrasts of a plan: parsing, validation, and the ensembles that they need."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from pathlib import Path

from primum.agents.studies.panel import same_cost, solos_of
from primum.agents.studies.study import REFERENCES, Contrast
from primum.agents.topologies.ensemble import CONTROL_PREFIX, EnsembleSpec
from primum.core.documents import line_of, parse_yaml, read_text
from primum.core.errors import DataError, UsageError
from primum.graphs.ablation.design import AblationPlan


def parse_contrast(text: str) -> Contrast:
    """A contrast written ENSEMBLE:AGAINST or ENSEMBLE:AGAINST:METRIC; a control has its prefix.

    Raises:
        UsageError: it is of another form.
    """
    ensemble, rest = _first(text)
    against, metric = _first(rest)
    if not (ensemble and against):
        raise UsageError(f"--contrast {text}: write ENSEMBLE:AGAINST or ENSEMBLE:AGAINST:METRIC")
    named = {"ensemble": ensemble, "against": against} | ({"metric": metric} if metric else {})
    return Contrast.model_validate(named)


def require_contrasts(
    plan: AblationPlan, found: Mapping[str, EnsembleSpec], path: Path | None
) -> None:
    """Check that every contrast of a plan can be computed.

    Args:
        plan: the plan.
        found: its ensembles, by name.
        path: its file, for line numbers in messages.

    Raises:
        DataError: an ensemble that the plan does not have; one against itself; a reference for
            what is not a team, or to a single model at the same cost where the plan has none.
    """
    solos = {solo.name for solo in solos_of(tuple(found.values()))}
    there = {*found, *solos, *(f"{CONTROL_PREFIX}{name}" for name in plan.controls)}
    for index, contrast in enumerate(plan.contrasts):
        for field, said in _problems(contrast, found, there):
            raise DataError(f"{_location(contrast, ('contrasts', index, field), path)}: {said}")


def with_metrics(
    plan: AblationPlan, metrics: Collection[str], default: str, path: Path | None
) -> tuple[Contrast, ...]:
    """A plan's contrasts, each with its metric.

    Args:
        plan: the plan.
        metrics: those that are compared.
        default: the metric of a contrast that names none.
        path: the plan's file, for line numbers in messages.

    Raises:
        DataError: a contrast names a metric that is not compared.
    """
    for index, contrast in enumerate(plan.contrasts):
        if contrast.metric and contrast.metric not in metrics:
            place = _location(contrast, ("contrasts", index, "metric"), path)
            known = ", ".join(metrics)
            said = f"no metric {contrast.metric!r} is compared; there are {known}"
            raise DataError(f"{place}: {said}")
    return tuple(
        contrast.model_copy(update={"metric": contrast.metric or default})
        for contrast in plan.contrasts
    )


def _problems(
    contrast: Contrast, found: Mapping[str, EnsembleSpec], there: AbstractSet[str]
) -> Iterator[tuple[str, str]]:
    """Why a contrast cannot be computed: the field concerned, and the problem."""
    ensemble, against = contrast.ensemble, contrast.against
    for field, name in (("ensemble", ensemble), ("against", against)):
        if name not in there and not (field == "against" and name in REFERENCES):
            near = get_close_matches(name, there, 3, 0.5)
            hint = f"near it: {', '.join(near)}" if near else "--dry-run --json names them all"
            yield field, f"no ensemble {name} among the plan's {len(there)}; {hint}"
    if ensemble == against:
        yield "against", "an ensemble cannot be compared with itself"
    if against in REFERENCES and ensemble not in found:
        yield "against", f"{ensemble} is not a team, and {against} is a reference for teams only"
    elif against == "same_cost" and not same_cost(found[ensemble], found.values()):
        yield "against", "no self-consistency of one of its members is in this plan"


def _location(contrast: Contrast, location: tuple[str, int, str], path: Path | None) -> str:
    """Where a contrast is given, for messages: in the plan's file, or on the command line."""
    _, index, field = location
    if path is None or index >= len(parse_yaml(AblationPlan, read_text(path), path).contrasts):
        return f"--contrast {contrast.ensemble}:{contrast.against}"
    return f"{path}:{line_of(read_text(path), location)}: contrasts.{index}.{field}"


def ensembles_of_contrasts(
    contrasts: Sequence[Contrast], found: Mapping[str, EnsembleSpec]
) -> set[str]:
    """Names of the ensembles that contrasts need: those named, and one with each solo named."""
    needed: set[str] = set()
    for contrast in contrasts:
        needed |= {contrast.ensemble, contrast.against} & found.keys()
        if contrast.against == "same_cost":
            needed |= {spec.name for spec in same_cost(found[contrast.ensemble], found.values())}
    named = {name for contrast in contrasts for name in (contrast.ensemble, contrast.against)}
    for name in sorted(named - found.keys()):
        with_it = [spec.name for spec in found.values() if name in spec.members]
        if not needed & {*with_it}:
            needed |= {*with_it[:1]}
    return needed


def _first(text: str) -> tuple[str, str]:
    """The name before the next colon, a control's prefix with it, and what follows."""
    prefix = CONTROL_PREFIX if text.startswith(CONTROL_PREFIX) else ""
    name, _, rest = text.removeprefix(prefix).partition(":")
    return (prefix + name if name else ""), rest
