"""Coalitional games: ensembles that differ only in their generators, who are the players."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from primum.agents.roles.critic import CRITIC
from primum.agents.roles.voting import passes
from primum.agents.specs.model import AgentSpec, digest
from primum.agents.specs.rule import Rule
from primum.agents.topologies.ensemble import EnsembleSpec, Kind

MAX_GAMES = 64
EMPTY_COALITION = ""
"""The name of the empty coalition, which recommends nothing."""
Player = tuple[str, float]
"""A generator's label and the weight of its vote (1 where votes are not weighted)."""


class Game(NamedTuple):
    """A coalitional game: ensembles that differ only in their set of generators.

    `name` describes what the ensembles have in common. `teams` maps a bit mask over `players` to
    the name of an ensemble; EMPTY_COALITION for the empty coalition, and for coalitions too small
    for the game's voting rule to recommend anything.
    """

    name: str
    players: tuple[str, ...]
    teams: dict[int, str]

    @property
    def whole(self) -> int:
        """The mask of the grand coalition, of all players."""
        return (1 << len(self.players)) - 1


def games(specs: Sequence[EnsembleSpec]) -> list[Game]:
    """The coalitional games of a study with two players or more.

    Where no ensemble has all players of a game, each of its largest coalitions becomes a game of
    its own, with the coalitions within it; a game with more than 64 largest coalitions is left out.

    The order of generators plays no part; ensembles that have a generator twice are left out. A
    vote of one draft is that generator's solo, if the rule lets a single vote pass.

    Args:
        specs: the study's ensembles.
    """
    solos = {spec.drafting[0].label: spec.name for spec in specs if spec.kind is Kind.SOLO}
    groups: dict[str, list[EnsembleSpec]] = {}
    for spec in specs:
        seated = players_of(spec)
        if spec.coalitions and len(set(seated)) == len(seated):
            groups.setdefault(_common(spec), []).append(spec)
    whole = [_game(group, solos) for group in groups.values()]
    return [part for game in whole for part in _games(game) if len(part.players) > 1]


def _games(game: Game) -> list[Game]:
    """A game itself if it has its grand coalition, else a game for each largest coalition."""
    if game.whole in game.teams:
        return [game]
    size = max(team.bit_count() for team in game.teams)
    largest = [team for team in game.teams if team.bit_count() == size]
    return [_within(game, team) for team in largest] if len(largest) <= MAX_GAMES else []


def _within(game: Game, team: int) -> Game:
    """The subgame of the players of one team."""
    places = [place for place in range(len(game.players)) if team >> place & 1]
    players = tuple(game.players[place] for place in places)
    teams = {
        sum(1 << new for new, old in enumerate(places) if other >> old & 1): name
        for other, name in game.teams.items()
        if other & team == other
    }
    return Game(f"{game.name} of {' + '.join(players)}", players, teams)


def players_of(spec: EnsembleSpec) -> list[Player]:
    """The generators of an ensemble by seat, with the weights of their votes."""
    weights = spec.rule_used.weights if spec.rule_used else ()
    labels = [agent.label for agent in spec.drafting]
    return list(zip(labels, weights or (1.0,) * len(labels), strict=True))


def name_of(spec: EnsembleSpec) -> str:
    """A description of an ensemble without its generators, such as: panel by X, critics Y + Z."""
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
    """The agents that aggregate before the final one, stage by stage."""
    stages: dict[int, list[AgentSpec]] = {}
    for step in spec.wiring.steps[:-1]:
        if step.role.concludes and step.agent:
            stages.setdefault(spec.wiring.stages[step.name], []).append(step.agent)
    return list(stages.values())


def _game(group: Sequence[EnsembleSpec], solos: dict[str, str]) -> Game:
    players = list(dict.fromkeys(player for spec in group for player in players_of(spec)))
    bit = {player: 1 << place for place, player in enumerate(players)}
    teams = {0: EMPTY_COALITION}
    for spec in group:
        teams.setdefault(sum(bit[player] for player in players_of(spec)), spec.name)
    rule = group[0].rule_used
    if rule:
        teams = _ruled(rule, players, solos) | teams
    labels = tuple(f"{label} x{weight:g}" if weight != 1 else label for label, weight in players)
    return Game(name_of(group[0]), labels, teams)


def _ruled(rule: Rule, players: Sequence[Player], solos: dict[str, str]) -> dict[int, str]:
    """The coalitions whose answer follows from the rule: single players, and those below its k."""
    teams: dict[int, str] = {}
    for place, (label, weight) in enumerate(players):
        if not passes(rule, Fraction(weight), Fraction(weight), 1):
            teams[1 << place] = EMPTY_COALITION
        elif label in solos:
            teams[1 << place] = solos[label]
    for size in range(2, min(rule.k or 0, len(players))):
        for members in combinations(range(len(players)), size):
            teams[sum(1 << place for place in members)] = EMPTY_COALITION
    return teams


def _common(spec: EnsembleSpec) -> str:
    dumped = spec.model_dump(mode="json", exclude={"name", "generators"})
    if dumped.get("rule"):
        del dumped["rule"]["weights"]
    return digest(dumped)


def _joined(agents: Sequence[AgentSpec]) -> str:
    return " + ".join(agent.label for agent in agents)
