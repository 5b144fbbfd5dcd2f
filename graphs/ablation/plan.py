"""Ablation plans: reading and writing them, and the ensembles that a study of one runs."""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import NamedTuple

import yaml

from primum.agents.specs.model import ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.studies.panels import builtin_panels, load_panel, panel_path
from primum.agents.studies.study import Contrast
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.documents import is_there, line_of, parse_yaml, read_text
from primum.core.errors import DataError, UsageError
from primum.core.files import write_new
from primum.graphs.ablation.contrasts import (
    ensembles_of_contrasts,
    parse_contrast,
    require_contrasts,
)
from primum.graphs.ablation.design import AblationPlan, Design
from primum.graphs.ablation.design_space import design_space, enumerate_ensembles
from primum.graphs.ablation.standard import DEFAULT_ROLES, StandardPlanOptions, standard_plan

DEFAULT_PANEL = "simulated"
ENUMERATED_AT_MOST = 100_000  # points of one design; from a larger space, as many are drawn


def load_plan(path: Path) -> AblationPlan:
    """A plan from its YAML file.

    Raises:
        DataError: no such file, or not a valid plan; names file, line and field.
    """
    return parse_yaml(AblationPlan, read_text(path), path)


def ensembles_of(
    plan: AblationPlan, models: dict[str, ModelSpec], path: Path | None = None
) -> tuple[EnsembleSpec, ...]:
    """The ensembles of a plan, each once, solos and controls left out.

    Args:
        plan: its designs, and how many of the ensembles that they span are drawn.
        models: the panel's, by name.
        path: the plan's file, for line numbers in messages.

    Raises:
        DataError: a model that is not in the panel; a design that spans no ensemble or, without a
            limit, too many; a contrast with an ensemble that the plan does not have.
    """
    found: dict[str, EnsembleSpec] = {}
    shares = []
    for index, design in enumerate(plan.designs):
        _require_models(design, models, (path, index))
        place = f"{_place(path, ('designs', index))}designs.{index}"
        spans = design_space(design, list(models), plan.seed).total
        if spans > ENUMERATED_AT_MOST and plan.max_ensembles is None:
            raise DataError(
                f"{place}: it spans {spans:,} ensembles; set max_ensembles or smaller sizes"
            )
        specs = tuple(
            enumerate_ensembles(design, models, plan.seed, ENUMERATED_AT_MOST, plan.max_ensembles)
        )
        if not specs:
            tried = (
                f" (of {ENUMERATED_AT_MOST:,} drawn out of {spans:,})"
                if spans > ENUMERATED_AT_MOST
                else ""
            )
            raise DataError(f"{place}: no ensemble fits its sizes and filters{tried}")
        for spec in specs:
            if found.setdefault(spec.name, spec) != spec:
                raise DataError(f"{place}: {spec.name} would name two ensembles; rename a model")
        shares.append([spec.name for spec in specs])
    require_contrasts(plan, found, path)
    if plan.max_ensembles is None or len(found) <= plan.max_ensembles:
        return tuple(found.values())
    chosen = ensembles_of_contrasts(plan.contrasts, found)
    chosen |= _drawn_in_turn(shares, chosen, plan.max_ensembles - len(chosen), plan.seed)
    return tuple(spec for name, spec in found.items() if name in chosen)


def _drawn_in_turn(
    shares: Sequence[Sequence[str]], chosen: set[str], number: int, seed: int
) -> set[str]:
    """A number of names that are not chosen yet, drawn at random from each share in turn."""
    rng = random.Random(seed)  # noqa: S311
    piles = [rng.sample(names, len(names)) for names in shares]
    in_turn = (name for row in zip_longest(*piles) for name in row if name not in {None, *chosen})
    return set(islice(dict.fromkeys(in_turn), max(0, number)))


@dataclass(frozen=True, kw_only=True)
class AblationOptions:
    """Where an ablation plan comes from: a file, or the standard plan of a panel.

    Attributes:
        file: the plan's file; the other options go over what it says, where they can.
        panel: a panel's name or file; None takes the plan's own.
        roles: roles of the standard plan, separated by commas.
        up_to: generators at most, in the standard plan.
        aggregators: models that may aggregate, in the standard plan.
        max_ensembles: how many ensembles are drawn.
        seed: of the draw, where no file says it.
        contrasts: ENSEMBLE:AGAINST or ENSEMBLE:AGAINST:METRIC, added to the plan's.
    """

    file: Path | None = None
    panel: str | None = None
    roles: str | None = None
    up_to: int | None = None
    aggregators: Sequence[str] = ()
    max_ensembles: int | None = None
    seed: int = 0
    contrasts: Sequence[str] = ()


class ResolvedPlan(NamedTuple):
    """A plan, the panel of its ensembles, the file of that panel, and the names of what is run.

    The plan's own panel is a built-in one's name, or a file as seen from the current folder.
    """

    plan: AblationPlan
    panel: Panel
    path: Path
    names: tuple[str, ...]


def resolve_plan(options: AblationOptions) -> ResolvedPlan:
    """The plan of a file, or the standard one of a panel over some roles, with its ensembles.

    Raises:
        DataError: no such plan or panel, or a part of it that does not fit.
        UsageError: roles that do not exist, or that go with a file; a contrast of another form.
    """
    contrasts = tuple(parse_contrast(text) for text in options.contrasts)
    if options.file:
        plan, found = _plan_of_file(options, options.file, contrasts)
    else:
        name = options.panel or DEFAULT_PANEL
        found = load_panel(name)
        plan = standard_plan(
            name,
            found.models,
            StandardPlanOptions(
                roles=[role.strip() for role in (options.roles or DEFAULT_ROLES).split(",")],
                up_to=options.up_to,
                aggregators=options.aggregators,
                max_ensembles=options.max_ensembles,
                seed=options.seed,
                contrasts=contrasts,
            ),
        )
    specs = ensembles_of(plan, found.models, options.file)
    teams = found.model_copy(update={"name": plan.name, "ensembles": specs})
    names = (*(spec.name for spec in specs), *(f"control:{name}" for name in plan.controls))
    return ResolvedPlan(plan, teams, panel_path(plan.panel), names)


def _plan_of_file(
    options: AblationOptions, file: Path, contrasts: tuple[Contrast, ...]
) -> tuple[AblationPlan, Panel]:
    if options.roles or options.up_to or options.aggregators:
        raise UsageError("--roles, --up-to and --aggregator cannot be combined with --plan")
    plan = load_plan(file)
    name = options.panel or _seen_from_here(plan.panel, file)
    found = load_panel(name) if options.panel else _panel_of(name, file)
    changes = {"contrasts": plan.contrasts + contrasts, "panel": name}
    limited = {"max_ensembles": options.max_ensembles} if options.max_ensembles else {}
    return plan.model_copy(update=changes | limited), found


def write_plan(path: Path, plan: AblationPlan) -> None:
    """Write a plan as a new YAML file, to be changed by hand and kept.

    A panel's file, which is named as seen from the current folder, is so from the plan's there.

    Raises:
        DataError: the file is there, or cannot be written.
    """
    plan = plan.model_copy(update={"panel": _seen_from(path, plan.panel)})
    said = plan.model_dump(mode="json", exclude_defaults=True)
    whole = {"name": plan.name, "panel": plan.panel, **said}
    text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100)
    write_new(path, text)


def _seen_from_here(panel: str, file: Path) -> str:
    """A plan's panel: a ready one, or a file whose name begins at the plan's folder."""
    return panel if panel in builtin_panels() else str(file.parent / panel)


def _seen_from(file: Path, panel: str) -> str:
    """The same the other way."""
    if panel in builtin_panels() or Path(panel).is_absolute():
        return panel
    return os.path.relpath(os.path.realpath(panel), os.path.realpath(file.parent))


def _panel_of(panel: str, file: Path) -> Panel:
    try:
        return load_panel(panel)
    except DataError as error:
        if is_there(panel_path(panel)):
            raise
        raise DataError(f"{_place(file, ('panel',))}panel: {error}") from None


def _require_models(
    design: Design, models: dict[str, ModelSpec], where: tuple[Path | None, int]
) -> None:
    path, index = where
    pools = {
        "of": design.of,
        "guardians": design.guardians or (),
        "aggregators": design.aggregators,
        "critics": tuple(name for names in design.critics for name in names),
    }
    for field, names in pools.items():
        for name in () if names == "all" else names:
            if name not in models:
                place = _place(path, ("designs", index, field))
                known = ", ".join(models)
                raise DataError(
                    f"{place}designs.{index}.{field}: {name} is not in the panel; it has {known}"
                )


def _place(path: Path | None, location: tuple[str | int, ...]) -> str:
    return f"{path}:{line_of(read_text(path), location)}: " if path else ""
