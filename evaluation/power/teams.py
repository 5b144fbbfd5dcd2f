"""An ensemble of simulated clinicians as a function of what they believe."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from primum.agents.simulation.profiles import Profile, with_profile
from primum.agents.specs.ensemble import EnsembleSpec
from primum.agents.specs.model import ModelSpec
from primum.core.errors import UsageError
from primum.evaluation.power import beliefs as m
from primum.evaluation.scoring.answer_key import Bools

GRAPHS = ("solo", "self-consistency", "vote", "panel", "layers", "relay", "debate")
MOST_WEIGHTED = 16


class Team(NamedTuple):
    """An ensemble and who sits in each of its seats."""

    spec: EnsembleSpec
    seats: dict[str, m.Clinician]

    def at(self, kind: str) -> list[m.Clinician]:
        """Who sits in the seats of a kind (generator, critic, guardian, layer-2 ...), in order."""
        return [who for seat, who in self.seats.items() if seat.rpartition("-")[0] == kind]


def team_of(spec: EnsembleSpec, models: Mapping[str, ModelSpec]) -> Team:
    """Seat an ensemble's clinicians; the second seat that asks the same is a second sample.

    Raises:
        UsageError: an ensemble that is none of simulated clinicians, or that is not supported.
    """
    if spec.graph not in GRAPHS:
        raise UsageError(f"{spec.name}: a {spec.graph} asks no clinician; name a team or a solo")
    if spec.rule and len(spec.rule.weights) > MOST_WEIGHTED:
        raise UsageError(f"{spec.name}: weighted votes are simulated up to {MOST_WEIGHTED} drafts")
    real = sorted({a.model for _, _, a in spec.seats if not models[a.model].simulated})
    if real:
        raise UsageError(
            f"{spec.name}: {', '.join(real)} is no simulated clinician, and nobody knows how a "
            "real model errs; name a panel of simulated clinicians, such as simulated"
        )
    seen: Counter[tuple[str, str]] = Counter()
    seats = {}
    for seat, role, agent in spec.seats:
        seen[role, agent.label] += 1
        model = with_profile(agent.model, models[agent.model], "")
        profile = Profile.model_validate(model.params["simulation"])
        seats[seat] = m.Clinician(model.id.removeprefix("sim/"), profile, seen[role, agent.label])
    return Team(spec, seats)


def decide(team: Team, beliefs: m.Beliefs) -> Bools:
    """What an ensemble recommends, shape (cases, trials, options).

    A debate may end before its rounds are over, when all agree: then no round changes anything.
    """
    spec = team.spec
    drafts = [beliefs.own(who) for who in team.at("generator")]
    for who in team.at("guardian"):
        drafts = [m.guard(beliefs.own(who), draft, beliefs.acts(who)) for draft in drafts]
    for depth in range(2, len(spec.layers) + 2):
        layer = team.at(f"layer-{depth}")
        drafts = [m.aggregate(beliefs.own(who), drafts, ()) for who in layer]
    if spec.rounds:
        acts = [beliefs.acts(who) for who in team.at("generator")]
        for _ in range(spec.rounds):
            drafts = m.debate(drafts, acts)
    if spec.rule:
        return m.count(spec.rule, drafts)
    if spec.aggregator is None:
        return drafts[0]
    own = beliefs.own(team.seats["aggregator"])
    if spec.aggregation == "select":
        return m.select(own, drafts, beliefs.places(spec.shuffle, len(drafts)))
    return m.aggregate(own, drafts, [beliefs.own(who) for who in team.at("critic")])
