"""Builds a study from a suite, a panel and its settings, or from imported answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from pydantic import ValidationError

from primum.agents.judges.panel import JudgePanel
from primum.agents.protocols.plan import PLAN
from primum.agents.protocols.protocol import Protocol, ReaderUse
from primum.agents.replies.reader import Reader
from primum.agents.simulation.profiles import with_profile
from primum.agents.specs.model import ModelSpec, digest
from primum.agents.studies.archive import suite_digest
from primum.agents.studies.extensions import with_extensions
from primum.agents.studies.panel import Panel
from primum.agents.studies.study import Contrast, Study
from primum.agents.topologies.control import Control
from primum.agents.topologies.ensemble import EnsembleSpec, Kind
from primum.agents.topologies.imported import Imported
from primum.cases.model import Suite
from primum.cases.part import Part
from primum.core.errors import UsageError
from primum.graphs.baselines.controls import CONTROLS, LEARNED, controls_of

UNMATCHED = "none"  # stands for the matcher where nobody turns answers into verdicts


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """The settings of a study of a panel.

    Attributes:
        part: the part of the suite that is run; None runs all of it.
        names: ensembles, solos and controls; none takes all but control:learned. The members of a
            named ensemble are always run alone, too.
        trials: number of answers of every ensemble to every item.
        seed: of all random numbers.
        against: one more ensemble to run, with which all others are compared.
        contrasts: comparisons registered beforehand.
        protocol: how items are asked; the menu by default.
        matcher: what turns answers into verdicts, with its version; None if grades are the
            verdicts, or if nothing is scored.
        judge: the panel of judges, if that is the matcher.
    """

    part: Part | None = None
    names: Sequence[str] = ()
    trials: int = 1
    seed: int = 0
    against: str | None = None
    contrasts: Sequence[Contrast] = ()
    protocol: Protocol = field(default_factory=Protocol)
    matcher: str | None = None
    judge: JudgePanel | None = None


def plan_study(
    suite: Suite, panel: Panel, revision: str, settings: StudySettings | None = None
) -> Study:
    """A study of some of a panel's ensembles, their members' solos, and controls.

    Args:
        suite: the suite.
        panel: the models and ensembles.
        revision: the digest under which the suite's answer key is registered.
        settings: ensembles, trials and protocol; the defaults if None.

    Raises:
        UsageError: a name is not an ensemble, solo or control.
        DataError: a simulated model without a valid profile, or control:learned cannot be trained.
    """
    given = settings or StudySettings()
    also = [] if given.against is None else [given.against]
    _require("--against", also, _offered(panel))
    ensembles = _pick(panel, [*(given.names or _usual(panel)), *also])
    controls_of(suite, [spec.name for spec in ensembles if spec.kind is Kind.CONTROL])
    used = {agent.model for ensemble in ensembles for _, _, agent in ensemble.seats}
    models: dict[str, ModelSpec] = {
        name: with_profile(name, model, revision) if model.simulated else model
        for name, model in panel.models.items()
        if name in used
    }
    study = Study(
        suite=suite.info,
        suite_digest=suite_digest(suite),
        part=given.part,
        protocol=given.protocol.model_copy(update={"prompts": panel.prompt_texts}),
        matcher=given.matcher or given.protocol.record.grades_matcher or UNMATCHED,
        judge=given.judge,
        models=models,
        ensembles=ensembles,
        trials=given.trials,
        seed=given.seed,
        against=given.against,
        contrasts=tuple(given.contrasts),
        version=version("primum"),
    )
    return with_extensions(study)


@dataclass(frozen=True, kw_only=True)
class ImportedPlans:
    """Plans from a file: who wrote them, the file's text, and the highest trial in it.

    `simulated` where the file says that simulated models wrote it.
    """

    name: str
    text: str
    trials: int
    simulated: bool = False


def imported_as(reader: Reader = Reader.TOLERANT) -> Protocol:
    """What a file of answers is read as; the reader reads the replies of judges."""
    return Protocol(name=PLAN.name, reader=ReaderUse(name=reader))


def plan_import(
    suite: Suite,
    plans: ImportedPlans,
    matcher: str,
    judge: JudgePanel | None = None,
    protocol: Protocol | None = None,
) -> Study:
    """A study of plans that come from a file.

    Args:
        suite: the items that they answer.
        plans: who wrote them, and what the file says.
        matcher: what turns them into verdicts, with its version.
        judge: the judges, where it is a panel of them.
        protocol: as `imported_as` gives it, which is the default.

    Raises:
        UsageError: a name that no ensemble can have.
    """
    try:
        ensemble = Imported(name=plans.name)
    except ValidationError:
        raise UsageError(
            f"--name {plans.name}: a name has letters, digits and _.~- only, at most 90 of them"
        ) from None
    study = Study(
        suite=suite.info,
        suite_digest=suite_digest(suite),
        protocol=protocol or imported_as(),
        matcher=matcher,
        judge=judge,
        models={},
        ensembles=(ensemble,),
        trials=plans.trials,
        seed=0,
        imported=digest(plans.text),
        simulated_import=plans.simulated,
        version=version("primum"),
    )
    return with_extensions(study)


def _offered(panel: Panel) -> dict[str, EnsembleSpec]:
    """All ensembles that can be run, by name: the panel's, then solos, then controls."""
    controls = [Control(name=name) for name in (*CONTROLS, LEARNED)]
    return {spec.name: spec for spec in (*panel.ensembles, *panel.solos(), *controls)}


def _usual(panel: Panel) -> list[str]:
    """The names run by default: all but the control that needs an extra."""
    return [name for name in _offered(panel) if name != LEARNED]


def _pick(panel: Panel, names: Sequence[str]) -> tuple[EnsembleSpec, ...]:
    offered = _offered(panel)
    _require("--ensemble", names, offered)
    picked: dict[str, EnsembleSpec] = {}
    for name in names:
        picked[name] = offered[name]
        for member in offered[name].members:
            picked.setdefault(member, offered[member])
    return tuple(picked.values())


def _require(option: str, names: Sequence[str], offered: dict[str, EnsembleSpec]) -> None:
    for name in names:
        if name not in offered:
            there = ", ".join(offered)
            raise UsageError(f"{option} {name}: no such ensemble; there are {there}")
