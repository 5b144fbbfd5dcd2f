"""From a plan of designs to the ensembles that a study runs."""

import random
from collections.abc import Sequence
from pathlib import Path

from primum.agents.ensembles import EnsembleSpec, Panel, solos_of
from primum.agents.spec import ModelSpec
from primum.cases.errors import DataError
from primum.cases.reading import line_of, parse_yaml, read_text
from primum.graphs.ablation.design import AblationPlan, Design
from primum.graphs.ablation.space import spanned

GONE_THROUGH = 100_000  # ensembles of one design; of more, so many are drawn
REFERENCES = frozenset({"best_member", "mean_member", "best_solo", "same_cost"})


def load_plan(path: Path) -> AblationPlan:
    """A plan from its YAML file.

    Raises:
        DataError: it is not there, or not a valid plan: file, line and field are named.
    """
    return parse_yaml(AblationPlan, read_text(path), path)


def ensembles_of(
    plan: AblationPlan, models: dict[str, ModelSpec], path: Path | None = None
) -> tuple[EnsembleSpec, ...]:
    """The ensembles of a plan, each once, solos and controls left out.

    Args:
        plan: what is spanned, and how many of it are drawn.
        models: the panel's, by name.
        path: the plan's file, to name its lines.

    Raises:
        DataError: a model that the panel has not, a design that spans nothing, a contrast of what
            the plan does not have.
    """
    found: dict[str, EnsembleSpec] = {}
    for index, design in enumerate(plan.designs):
        _require_models(design, models, (path, index))
        spans = {spec.name: spec for spec in spanned(design, models, plan.seed, GONE_THROUGH)}
        if not spans:
            place = _place(path, ("designs", index))
            raise DataError(f"{place}designs.{index}: no ensemble fits its sizes and filters")
        found |= {name: spec for name, spec in spans.items() if name not in found}
    named = {name for contrast in plan.contrasts for name in (contrast.ensemble, contrast.against)}
    _require_contrasts(plan, found, path)
    if plan.limit is None or len(found) <= plan.limit:
        return tuple(found.values())
    kept = {name for name in found if name in named}
    others = [name for name in found if name not in named]
    rng = random.Random(plan.seed)  # noqa: S311
    kept |= set(rng.sample(others, max(0, plan.limit - len(kept))))
    return tuple(spec for name, spec in found.items() if name in kept)


def as_panel(plan: AblationPlan, panel: Panel, specs: Sequence[EnsembleSpec]) -> Panel:
    """The panel's models with a plan's ensembles in place of its own."""
    return panel.model_copy(update={"name": plan.name, "ensembles": tuple(specs)})


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
                    f"{place}designs.{index}.{field}: {name} is not of the panel; it has {known}"
                )


def _require_contrasts(
    plan: AblationPlan, found: dict[str, EnsembleSpec], path: Path | None
) -> None:
    solos = {solo.name for solo in solos_of(tuple(found.values()))}
    controls = {f"control:{name}" for name in plan.controls}
    for index, contrast in enumerate(plan.contrasts):
        for field, name, more in (
            ("ensemble", contrast.ensemble, frozenset[str]()),
            ("against", contrast.against, REFERENCES),
        ):
            if name not in {*found, *solos, *controls, *more}:
                place = _place(path, ("contrasts", index, field))
                raise DataError(
                    f"{place}contrasts.{index}.{field}: no ensemble {name} in this plan; "
                    "--dry-run --list names them all"
                )


def _place(path: Path | None, location: tuple[str | int, ...]) -> str:
    return f"{path}:{line_of(read_text(path), location)}: " if path else ""
