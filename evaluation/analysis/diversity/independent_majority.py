"""The expected harm of a majority of drafts with independent errors, computed from rates.

Each generator recommends an option as often as its solo recommends options of the same score over
the suite; drafts are independent of one another, and so are the options of a case. Real errors
cluster on hard options and in hard cases: this is a reference for a team, not a forecast.
"""

from collections.abc import Sequence

import numpy as np

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.arrays import Floats, Ints
from primum.evaluation.analysis.attribution.possible_harms import PossibleHarms
from primum.evaluation.analysis.diversity.solo_verdicts import answered
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.scoring.answer_key import APPROPRIATE, SEVERITY, Key
from primum.evaluation.scoring.harms import PARTIAL_HARMS_FROM
from primum.evaluation.scoring.verdict_batch import NONE, PARTIAL

MAX_SCORE = 9
TIERS = 12  # the scores 0 to 9, then 8 and 9 outside any group, which need a full match
SEVERITY_LEVELS = (3, 2, 1)


def independent_majorities(book: ScoreBook, teams: Sequence[EnsembleSpec]) -> dict[str, Floats]:
    """The probability of harm of each of SEVERITY_LEVELS or worse; shape (cases, 3) by team.

    An option is recommended if more than half of a team's first drafts do so, or half where the
    team's rule includes ties. Teams of fewer than two drafts, or with a generator whose solo has no
    score, are left out.
    """
    names = {agent.label for team in teams for agent in team.drafting}
    solos = [name for name in book.ensembles if name in names]
    rates = dict(zip(solos, _rates(book, solos), strict=True))
    chances = {}
    for team in teams:
        own = [rates[agent.label] for agent in team.drafting if agent.label in rates]
        if len(own) == len(team.drafting) > 1 and not np.isnan(own).any():
            ties = team.rule_used is not None and team.rule_used.tie == "include"
            chances[team.name] = more_than_half(np.stack(own), ties=ties)
    if not chances:
        return {}
    taken = np.stack(list(chances.values()))
    cases = [harm_chances(PossibleHarms(book.key(case)), taken) for case in book.suite.cases]
    return dict(zip(chances, np.stack(cases, axis=1), strict=True))


def more_than_half(rates: Floats, *, ties: bool) -> Floats:
    """The probability that more than half of independent drafts have an option.

    By the Poisson binomial distribution, computed recursively.

    Args:
        rates: the probability for each draft, shape (drafts, ...).
        ties: whether exactly half is enough.
    """
    number = np.zeros((len(rates) + 1, *rates.shape[1:]))  # [k]: the probability that k have it
    number[0] = 1
    for rate in rates:
        number[1:] = number[1:] * (1 - rate) + number[:-1] * rate
        number[0] *= 1 - rate
    half = len(rates) / 2
    enough = [k for k in range(len(number)) if k > half or (ties and k == half)]
    return np.asarray(number[enough].sum(axis=0))


def harm_chances(possible_harms: PossibleHarms, taken: Floats) -> Floats:
    """The probability of a harm of each of SEVERITY_LEVELS or worse in one case.

    Options are independent. An alternative group is omitted if all its members are; a need whose
    options all depend on others is at stake if any of those is recommended.

    Args:
        possible_harms: of the case.
        taken: the probability that an option of each tier is recommended, shape (teams, TIERS).

    Returns:
        Shape (teams, len(SEVERITY_LEVELS)).
    """
    key = possible_harms.key
    take = taken[:, tiers(key)]
    severities = SEVERITY[key.scores]
    harms = [(severities[column], take[:, column]) for column in possible_harms.commissions]
    for need in possible_harms.needs:
        members = key.groups == need
        wanted = members & (key.scores >= APPROPRIATE)
        chance = (1 - take[:, members]).prod(axis=1)
        if key.parents[wanted].any(axis=1).all():
            parents = key.parents[wanted].any(axis=0)
            chance = chance * (1 - (1 - take[:, parents]).prod(axis=1))
        harms.append((severities[wanted].max(), chance))
    safe = [
        np.prod([1 - chance for severity, chance in harms if severity >= level], axis=0)
        * np.ones(len(taken))
        for level in SEVERITY_LEVELS
    ]
    return 1 - np.stack(safe, axis=1)


def tiers(key: Key) -> Ints:
    """The tier of each option, shape (n,): its score, or 10 or 11 where it needs a full match."""
    beyond = (key.scores >= PARTIAL_HARMS_FROM) & ~key.grouped
    return np.where(beyond, key.scores + (TIERS - 1 - MAX_SCORE), key.scores)


def _rates(book: ScoreBook, solos: Sequence[str]) -> Floats:
    """The share of options of each tier that each solo recommends, shape (solos, TIERS).

    0 for tiers of which the suite has no option; NaN for a solo without a score.
    """
    had, seen = np.zeros((len(solos), TIERS)), np.zeros((len(solos), TIERS))
    for given in answered(book, [book.ensembles.index(name) for name in solos]):
        tier = tiers(given.possible_harms.key)
        of_tier = np.eye(TIERS)[tier]
        has = given.verdicts > np.where(tier > MAX_SCORE, PARTIAL, NONE)
        had += (has & given.scored[..., None]).sum(axis=1) @ of_tier
        seen += given.scored.sum(axis=1)[:, None] * of_tier.sum(axis=0)
    rates = np.divide(had, seen, out=np.zeros_like(had), where=seen > 0)
    return np.where(seen.any(axis=1, keepdims=True), rates, np.nan)
