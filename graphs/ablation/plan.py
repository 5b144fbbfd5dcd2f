"""From a plan of designs to the ensembles that a study runs."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from primum.agents.ensembles import EnsembleSpec, Panel, solos_of
from primum.agents.panels import load_panel, panel_path
from primum.agents.spec import ModelSpec
from primum.agents.study import Contrast
from primum.cases.errors import DataError, UsageError
from primum.cases.output import write_new
from primum.cases.reading import line_of, parse_yaml, read_text
from primum.graphs.ablation.design import AblationPlan, Design
from primum.graphs.ablation.space import spanned
from primum.graphs.ablation.standard import USUAL_ROLES, standard_plan

USUAL_PANEL = "simulated"
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


class Planned(NamedTuple):
    """A plan, the panel of its ensembles, the file that its models come from, what is run of it."""

    plan: AblationPlan
    panel: Panel
    path: Path
    names: tuple[str, ...]


def planned(
    file: Path | None,
    panel: str | None,
    roles: str | None,
    up_to: int | None,
    aggregators: Sequence[str],
    limit: int | None,
    seed: int,
    contrasts: Sequence[str],
) -> Planned:
    """The plan of a file, or the standard one of a panel over some roles, spanned.

    Args:
        file: the plan's; what the other arguments say goes over it, where it can.
        panel: its name or file; None is the plan's own.
        roles: parted by commas, for the standard plan.
        up_to: generators at most, likewise.
        aggregators: who may aggregate, likewise.
        limit: how many ensembles are drawn.
        seed: of what is drawn.
        contrasts: ENSEMBLE:AGAINST or ENSEMBLE:AGAINST:METRIC, added to the plan's.

    Raises:
        DataError: no such plan or panel, or a part of it that does not fit.
        UsageError: roles that there are not, or that go with a file; a contrast of another form.
    """
    announced = tuple(_contrast(text) for text in contrasts)
    if file:
        if roles or up_to or aggregators:
            raise UsageError("--roles, --up-to, --aggregator: the plan's file says this")
        plan = load_plan(file)
        update = {"contrasts": plan.contrasts + announced, "panel": panel or plan.panel}
        plan = plan.model_copy(update=update | ({"limit": limit} if limit else {}))
        found = load_panel(plan.panel)
    else:
        found = load_panel(panel or USUAL_PANEL)
        plan = standard_plan(
            *(panel or USUAL_PANEL, found.models),
            roles=[role.strip() for role in (roles or USUAL_ROLES).split(",")],
            up_to=up_to,
            aggregators=aggregators,
            limit=limit,
            seed=seed,
            contrasts=announced,
        )
    specs = ensembles_of(plan, found.models, file)
    teams = found.model_copy(update={"name": plan.name, "ensembles": specs})
    names = (*(spec.name for spec in specs), *(f"control:{name}" for name in plan.controls))
    return Planned(plan, teams, panel_path(plan.panel), names)


def write_plan(path: Path, plan: AblationPlan) -> None:
    """Write a plan as a new YAML file, to be changed by hand and kept.

    Raises:
        DataError: the file is there, or cannot be written.
    """
    said = plan.model_dump(mode="json", exclude_defaults=True)
    whole = {"name": plan.name, "panel": plan.panel, **said}
    text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100)
    write_new(path, text)


def _contrast(text: str) -> Contrast:
    ensemble, _, rest = text.removeprefix("control:").partition(":")
    against, _, metric = rest.removeprefix("control:").partition(":")
    if not (ensemble and against):
        raise UsageError(f"--contrast {text}: write ENSEMBLE:AGAINST or ENSEMBLE:AGAINST:METRIC")
    prefix = "control:" if text.startswith("control:") else ""
    other = "control:" if rest.startswith("control:") else ""
    named = {"ensemble": prefix + ensemble, "against": other + against}
    return Contrast.model_validate(named | ({"metric": metric} if metric else {}))


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
