"""Frames: ensembles that differ in their generators alone, as games that the generators play."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from primum.agents.roles.critic import CRITIC
from primum.agents.roles.voting import passes
from primum.agents.specs.model import AgentSpec, digest
from primum.agents.specs.rule import Rule
from primum.agents.topologies.ensemble import EnsembleSpec, Kind

MOST_GAMES = 64
EMPTY_TEAM = ""
"""The name of the team without a generator, which recommends nothing."""
Player = tuple[str, float]
"""A generator's label and what its vote weighs (1 where votes are not weighted)."""


class Game(NamedTuple):
    """What some ensembles have in common, and the teams of generators that they are.

    `teams` maps a mask over `players` to the name of an ensemble; EMPTY_TEAM where what the team
    recommends is nothing by the frame's own rule, and for the team of nobody.
    """

    name: str
    players: tuple[str, ...]
    teams: dict[int, str]

    @property
    def whole(self) -> int:
        """The team of all players."""
        return (1 << len(self.players)) - 1


def games(specs: Sequence[EnsembleSpec]) -> list[Game]:
    """The games of a study in which two generators or more play together.

    Where no team is of all a frame's players, each of its largest teams has a frame of its own, of
    the teams within it (of up to 64 such; of more there is none).

    The order of generators plays no part; ensembles in which one sits twice are left out. A rule
    makes of a single draft that draft, so a vote of one is its solo, if the rule passes it at all.

    Args:
        specs: the study's ensembles.
    """
    solos = {spec.drafting[0].label: spec.name for spec in specs if spec.kind is Kind.SOLO}
    groups: dict[str, list[EnsembleSpec]] = {}
    for spec in specs:
        seated = players_of(spec)
        if spec.coalitions and len(set(seated)) == len(seated):
            groups.setdefault(_common(spec), []).append(spec)
    whole = [_frame(group, solos) for group in groups.values()]
    return [part for frame in whole for part in _games(frame) if len(part.players) > 1]


def _games(frame: Game) -> list[Game]:
    """A frame as it is if all its players play together, else one for each of its largest teams."""
    if frame.whole in frame.teams:
        return [frame]
    size = max(team.bit_count() for team in frame.teams)
    largest = [team for team in frame.teams if team.bit_count() == size]
    return [_within(frame, team) for team in largest] if len(largest) <= MOST_GAMES else []


def _within(frame: Game, team: int) -> Game:
    """The teams of a frame that are of a team's players alone."""
    places = [place for place in range(len(frame.players)) if team >> place & 1]
    players = tuple(frame.players[place] for place in places)
    teams = {
        sum(1 << new for new, old in enumerate(places) if other >> old & 1): name
        for other, name in frame.teams.items()
        if other & team == other
    }
    return Game(f"{frame.name} of {' + '.join(players)}", players, teams)


def players_of(spec: EnsembleSpec) -> list[Player]:
    """The generators of an ensemble in their seats."""
    weights = spec.rule_used.weights if spec.rule_used else ()
    labels = [agent.label for agent in spec.drafting]
    return list(zip(labels, weights or (1.0,) * len(labels), strict=True))


def name_of(spec: EnsembleSpec) -> str:
    """What an ensemble is but for its generators, such as: panel by X, critics Y + Z."""
    rule = f" {spec.rule_used.label}" if spec.rule_used else ""
    how = "selected by" if spec.selects else "by"
    last = f" {how} {spec.concluding.label}" if spec.concluding else ""
    parts = [f"{spec.graph}{rule}{last}"]
    if critics := spec.wiring.with_role(CRITIC):
        parts.append(f"critics {_joined(critics)}")
    parts += [f"then {_joined(layer)}" for layer in _layers(spec)]
    if spec.wiring.rounds:
        parts.append(f"{len(spec.wiring.rounds)} rounds")
    if spec.reading.named:
        parts.append("authors named")
    if spec.reading.shuffle is not None:
        parts.append(f"order drawn from {spec.reading.shuffle}")
    return ", ".join(parts)


def _layers(spec: EnsembleSpec) -> list[list[AgentSpec]]:
    """The agents that aggregate before the last one does, stage by stage."""
    stages: dict[int, list[AgentSpec]] = {}
    for step in spec.wiring.steps[:-1]:
        if step.role.concludes and step.agent:
            stages.setdefault(spec.wiring.stages[step.name], []).append(step.agent)
    return list(stages.values())


def _frame(group: Sequence[EnsembleSpec], solos: dict[str, str]) -> Game:
    players = list(dict.fromkeys(player for spec in group for player in players_of(spec)))
    bit = {player: 1 << place for place, player in enumerate(players)}
    teams = {0: EMPTY_TEAM}
    for spec in group:
        teams.setdefault(sum(bit[player] for player in players_of(spec)), spec.name)
    rule = group[0].rule_used
    if rule:
        teams = _ruled(rule, players, solos) | teams
    labels = tuple(f"{label} x{weight:g}" if weight != 1 else label for label, weight in players)
    return Game(name_of(group[0]), labels, teams)


def _ruled(rule: Rule, players: Sequence[Player], solos: dict[str, str]) -> dict[int, str]:
    """The teams whose answer follows from the rule: those of one, and those too small for it."""
    teams: dict[int, str] = {}
    for place, (label, weight) in enumerate(players):
        if not passes(rule, Fraction(weight), Fraction(weight), 1):
            teams[1 << place] = EMPTY_TEAM
        elif label in solos:
            teams[1 << place] = solos[label]
    for size in range(2, min(rule.k or 0, len(players))):
        for members in combinations(range(len(players)), size):
            teams[sum(1 << place for place in members)] = EMPTY_TEAM
    return teams


def _common(spec: EnsembleSpec) -> str:
    dumped = spec.model_dump(mode="json", exclude={"name", "generators"})
    if dumped.get("rule"):
        del dumped["rule"]["weights"]
    return digest(dumped)


def _joined(agents: Sequence[AgentSpec]) -> str:
    return " + ".join(agent.label for agent in agents)
