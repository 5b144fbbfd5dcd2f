"""An ensemble of simulated clinicians as a function of what they believe."""

from collections.abc import Mapping
from typing import NamedTuple

from primum.agents.roles.record import Reads
from primum.agents.roles.simulated import Critique, SimulatedState
from primum.agents.simulation.profiles import Profile, with_profile
from primum.agents.specs.model import ModelSpec
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.wiring import Step
from primum.core.arrays import Bools
from primum.core.errors import UsageError
from primum.evaluation.power.beliefs import Beliefs, Clinician

MOST_WEIGHTED = 16


class Team(NamedTuple):
    """An ensemble and who sits in each of its seats."""

    spec: EnsembleSpec
    seats: dict[str, Clinician]


def team_of(spec: EnsembleSpec, models: Mapping[str, ModelSpec]) -> Team:
    """Seat an ensemble's clinicians; the second seat that asks the same is a second sample.

    Raises:
        UsageError: an ensemble that is none of simulated clinicians, or that is not supported.
    """
    if not spec.kind.asks_models:
        raise UsageError(f"{spec.name}: a {spec.graph} asks no clinician; name a team or a solo")
    unknown = sorted({step.role.name for step in spec.wiring.steps if step.role.decide is None})
    if unknown:
        roles = ", ".join(unknown)
        raise UsageError(f"{spec.name}: no simulation says how the role {roles} decides")
    if spec.rule_used and len(spec.rule_used.weights) > MOST_WEIGHTED:
        raise UsageError(f"{spec.name}: weighted votes are simulated up to {MOST_WEIGHTED} drafts")
    real = sorted({a.model for _, _, a in spec.seats if not models[a.model].simulated})
    if real:
        raise UsageError(
            f"{spec.name}: {', '.join(real)} is no simulated clinician, and nobody knows how a "
            "real model errs; name a panel of simulated clinicians, such as simulated"
        )
    seats = {}
    for seat, _, agent in spec.seats:
        model = with_profile(agent.model, models[agent.model], "")
        profile = Profile.model_validate(model.params["simulation"])
        sample = spec.wiring.samples[seat]
        seats[seat] = Clinician(model.id.removeprefix("sim/"), profile, sample)
    return Team(spec, seats)


def decide(team: Team, beliefs: Beliefs) -> Bools:
    """What an ensemble recommends, shape (cases, trials, options).

    A debate may end before its rounds are over, when all agree: then no round changes anything.
    """
    decided: dict[str, Bools] = {}
    steps = {step.name: step for step in team.spec.wiring.steps}
    for step in steps.values():
        assert step.role.decide, "every role of a team decides"
        state = _state(team, step, beliefs, steps, decided)
        decided[step.name] = step.role.decide(state)
    return decided[team.spec.wiring.last.name]


def _state(
    team: Team,
    step: Step,
    beliefs: Beliefs,
    steps: Mapping[str, Step],
    decided: Mapping[str, Bools],
) -> SimulatedState:
    """What a clinician believes and reads in a step; every draft can be used."""
    latest = {steps[name].seat: decided[name] for name in step.reads}
    if step.role.reads is Reads.OWN:
        latest = {step.seat: latest[step.seat], **latest}
    drafts = list(latest.values())
    shuffle = team.spec.reading.shuffle
    places = beliefs.places(shuffle, len(drafts))
    critiques = [_critique(steps[name], decided) for name in step.critiques]
    if step.rule:
        return SimulatedState(drafts[0], lambda: drafts[0], drafts, (), places, step.rule)
    who = team.seats[step.seat]
    own, acts = beliefs.own(who), lambda: beliefs.acts(who)
    return SimulatedState(own, acts, drafts, critiques, places)


def _critique(step: Step, decided: Mapping[str, Bools]) -> Critique:
    """A critic objects to what it holds otherwise in the draft that it read."""
    (draft,) = step.reads
    return Critique(decided[step.name], decided[step.name] != decided[draft])
