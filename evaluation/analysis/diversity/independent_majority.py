"""What a majority of drafts would do if their errors were independent: a calculation from rates.

Each generator recommends an option as often as its solo recommends options of the same score over
the suite; drafts are independent of one another, and so are the options of a case. Real errors
cluster, on hard options and in hard cases: this is a mark to hold a team against, no forecast.
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

HIGHEST = 9
TIERS = 12  # the scores, and after them 8 and 9 outside any group, which only a full match meets
LEVELS = (3, 2, 1)


def independent_majorities(book: ScoreBook, teams: Sequence[EnsembleSpec]) -> dict[str, Floats]:
    """The chance of a severe, a moderate or worse, and any harm in each case; (cases, 3) by team.

    More than half of a team's first drafts decide on each option; a tie is recommended where its
    rule says so. Teams of fewer than two drafts, or with a generator whose solo has no score, are
    left out.
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
    """The chance that more than half of independent drafts have an option, or half in a tie.

    (A Poisson binomial distribution, draft by draft.)

    Args:
        rates: of each draft, shape (drafts, ...).
        ties: whether exactly half is enough.
    """
    number = np.zeros((len(rates) + 1, *rates.shape[1:]))  # [k]: the chance that k have it
    number[0] = 1
    for rate in rates:
        number[1:] = number[1:] * (1 - rate) + number[:-1] * rate
        number[0] *= 1 - rate
    half = len(rates) / 2
    enough = [k for k in range(len(number)) if k > half or (ties and k == half)]
    return np.asarray(number[enough].sum(axis=0))


def harm_chances(possible_harms: PossibleHarms, taken: Floats) -> Floats:
    """The chance of a harm of each of LEVELS or worse in one case, options being independent.

    An alternative group is left out where all its members are; a need whose options all depend on
    others is at stake where any of those is recommended.

    Args:
        possible_harms: of the case.
        taken: the chance that an option of each tier is recommended, shape (teams, TIERS).

    Returns:
        Shape (teams, len(LEVELS)).
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
        for level in LEVELS
    ]
    return 1 - np.stack(safe, axis=1)


def tiers(key: Key) -> Ints:
    """The tier of each option, shape (n,): its score, or beyond it where a part is not enough."""
    beyond = (key.scores >= PARTIAL_HARMS_FROM) & ~key.grouped
    return np.where(beyond, key.scores + (TIERS - 1 - HIGHEST), key.scores)


def _rates(book: ScoreBook, solos: Sequence[str]) -> Floats:
    """How often each solo recommends options of each tier, shape (solos, TIERS).

    0 where the suite has no such option, NaN where a solo has no score.
    """
    had, seen = np.zeros((len(solos), TIERS)), np.zeros((len(solos), TIERS))
    for given in answered(book, [book.ensembles.index(name) for name in solos]):
        tier = tiers(given.possible_harms.key)
        of_tier = np.eye(TIERS)[tier]
        has = given.verdicts > np.where(tier > HIGHEST, PARTIAL, NONE)
        had += (has & given.scored[..., None]).sum(axis=1) @ of_tier
        seen += given.scored.sum(axis=1)[:, None] * of_tier.sum(axis=0)
    rates = np.divide(had, seen, out=np.zeros_like(had), where=seen > 0)
    return np.where(seen.any(axis=1, keepdims=True), rates, np.nan)
