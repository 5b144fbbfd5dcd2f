"""The decisions of an ensemble of simulated clinicians, computed from their beliefs."""

from collections.abc import Mapping
from typing import NamedTuple

from primum.agents.roles.record import Reads
from primum.agents.roles.record import decided as decided_by
from primum.agents.roles.simulated import Critique, SimulatedState
from primum.agents.simulation.profiles import Profile, with_profile
from primum.agents.specs.model import ModelSpec
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.wiring import Step
from primum.core.arrays import Bools
from primum.core.errors import UsageError
from primum.evaluation.power.beliefs import Beliefs, Clinician

MAX_WEIGHTED_DRAFTS = 16


class Team(NamedTuple):
    """An ensemble and the simulated clinician in each of its seats."""

    spec: EnsembleSpec
    seats: dict[str, Clinician]


def team_of(spec: EnsembleSpec, models: Mapping[str, ModelSpec]) -> Team:
    """An ensemble with its clinicians; a clinician's second seat is its second sample.

    Raises:
        UsageError: a model of the ensemble is not simulated, or the ensemble is not supported.
    """
    if not spec.kind.asks_models:
        raise UsageError(f"{spec.name}: a {spec.graph} asks no clinician; name a team or a solo")
    unknown = sorted({step.role.name for step in spec.wiring.steps if step.role.decide is None})
    if unknown:
        roles = ", ".join(unknown)
        raise UsageError(f"{spec.name}: no simulation says how the role {roles} decides")
    if spec.rule_used and len(spec.rule_used.weights) > MAX_WEIGHTED_DRAFTS:
        raise UsageError(
            f"{spec.name}: weighted votes are simulated up to {MAX_WEIGHTED_DRAFTS} drafts"
        )
    real = sorted({a.model for _, _, a in spec.seats if not models[a.model].simulated})
    if real:
        raise UsageError(
            f"{spec.name}: {', '.join(real)} is no simulated clinician; the errors of real "
            "models are not known. Name a panel of simulated clinicians, such as simulated"
        )
    seats = {}
    for seat, _, agent in spec.seats:
        model = with_profile(agent.model, models[agent.model], "")
        profile = Profile.model_validate(model.params["simulation"])
        sample = spec.wiring.samples[seat]
        seats[seat] = Clinician(model.id.removeprefix("sim/"), profile, sample)
    return Team(spec, seats)


def decide(team: Team, beliefs: Beliefs) -> Bools:
    """Whether an ensemble recommends each option, shape (cases, trials, options).

    All rounds of a debate are computed: those after the debaters agree change nothing.
    """
    decided: dict[str, Bools] = {}
    steps = {step.name: step for step in team.spec.wiring.steps}
    for step in steps.values():
        state = _state(team, step, beliefs, steps, decided)
        decided[step.name] = decided_by(step.role, state)
    return decided[team.spec.wiring.last.name]


def _state(
    team: Team,
    step: Step,
    beliefs: Beliefs,
    steps: Mapping[str, Step],
    decided: Mapping[str, Bools],
) -> SimulatedState:
    """The beliefs of the clinician in a step and the decisions that it reads; no draft fails."""
    latest = {steps[name].seat: decided[name] for name in step.reads}
    if step.role.reads is Reads.OWN:
        latest = {step.seat: latest[step.seat], **latest}
    drafts = list(latest.values())
    shuffle = team.spec.reading.shuffle
    draft_positions = beliefs.draft_positions(shuffle, len(drafts))
    critiques = [_critique(steps[name], decided) for name in step.critiques]
    if step.rule:
        return SimulatedState(drafts[0], lambda: drafts[0], drafts, (), draft_positions, step.rule)
    who = team.seats[step.seat]
    own, acts = beliefs.own(who), lambda: beliefs.acts(who)
    return SimulatedState(own, acts, drafts, critiques, draft_positions)


def _critique(step: Step, decided: Mapping[str, Bools]) -> Critique:
    """A critic's objections: the options on which its own decision differs from the draft's."""
    (draft,) = step.reads
    return Critique(decided[step.name], decided[step.name] != decided[draft])
