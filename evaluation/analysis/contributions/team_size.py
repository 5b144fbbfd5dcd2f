"""Team size: the odds of being among the best and of severe harm, against solos."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, exp, isnan, log, nan, sqrt
from statistics import NormalDist
from typing import Annotated

import numpy as np

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.arrays import Floats
from primum.evaluation.analysis.contributions.gee import NO_ODDS, Odds, odds_against_first
from primum.evaluation.columns import KEY, Hi, Lo, MetricName
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.metrics.registry import column, ranked_by
from primum.evaluation.statistics.bootstrap import CONFIDENCE_LEVEL
from primum.evaluation.statistics.estimates import Sample, nanmean

SOLO_SEATS = 1


@dataclass(frozen=True, slots=True)
class TeamSize:
    """The ensembles with a given number of seats, ranked among all by one metric.

    `odds_ratio` is that of being in the best quarter, against solos (1/2 added to each count);
    `gee_odds_ratio` is that of a severe harm, against solos. NaN for solos, and where undefined.
    """

    agents: Annotated[int, KEY, "seats"]
    metric: Annotated[MetricName, KEY]
    ensembles: Annotated[int, "number of ensembles, controls left out"]
    median: Annotated[float, "median of the metric over them"]
    median_severe_rate: Annotated[float, "median of their rates of severe harm"]
    top_quartile: Annotated[int, "ensembles among the best quarter of all"]
    odds_ratio: Annotated[float, "odds ratio of the best quarter against solos (1/2 added to each)"]
    lo: Lo
    hi: Hi
    gee_odds_ratio: Annotated[
        float, "odds ratio of a severe harm against solos, GEE clustered by case"
    ]
    gee_lo: Annotated[float, "lower end of its 95% interval"]
    gee_hi: Annotated[float, "upper end of its 95% interval"]
    gee_p: Annotated[float, "p of its Wald test; null without statsmodels or without a solution"]


def team_sizes(sample: Sample, specs: Sequence[EnsembleSpec]) -> Iterator[TeamSize]:
    """A record for every number of seats and metric, without controls and imported answers.

    A seat is an agent; the samples of self-consistency count as agents, a rule does not. The best
    quarter of n ensembles are the n / 4 (rounded up) best, and those that tie with the last.

    Args:
        sample: the study's case values.
        specs: its ensembles.
    """
    names = sample.book.ensembles
    means = nanmean(sample.cases, 1)
    rows = [names.index(spec.name) for spec in specs if spec.kind.asks_models]
    seats = {names.index(spec.name): len(spec.seats) for spec in specs}
    scored = [row for row in rows if not isnan(means[row, column(SEVERE_RATE)])]
    by_size = {
        size: [row for row in scored if seats[row] == size]
        for size in sorted({seats[row] for row in scored})
    }
    severe = means[:, column(SEVERE_RATE)]
    gee = _severe_odds(sample, by_size)
    for metric in ranked_by():
        values = means[:, column(metric)]
        best = _best_quarter(values, scored, low=metric.lower)
        solos = by_size.get(SOLO_SEATS, [])
        for size, members in by_size.items():
            top = len(best.intersection(members))
            against = len(best.intersection(solos)), len(solos)
            apart = size != SOLO_SEATS and bool(solos)
            odds = odds_ratio(top, len(members), *against) if apart else (nan, nan, nan)
            yield TeamSize(
                agents=size,
                metric=metric.name,
                ensembles=len(members),
                median=float(np.nanmedian(values[members])),
                median_severe_rate=float(np.median(severe[members])),
                top_quartile=top,
                odds_ratio=odds[0],
                lo=odds[1],
                hi=odds[2],
                gee_odds_ratio=gee[size].ratio,
                gee_lo=gee[size].lo,
                gee_hi=gee[size].hi,
                gee_p=gee[size].p,
            )


def odds_ratio(
    events: int, of: int, events_there: int, of_there: int
) -> tuple[float, float, float]:
    """The odds ratio of an event in two groups, and the ends of its 95% interval.

    1/2 is added to each of the four counts (Haldane 1956, Anscombe 1956); the interval is Woolf's
    (1955), normal on the log scale.
    """
    a, b = events + 0.5, of - events + 0.5
    c, d = events_there + 0.5, of_there - events_there + 0.5
    middle, error = log(a * d / (b * c)), sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    wide = NormalDist().inv_cdf((1 + CONFIDENCE_LEVEL) / 2) * error
    return exp(middle), exp(middle - wide), exp(middle + wide)


def _best_quarter(values: Floats, rows: Sequence[int], *, low: bool) -> set[int]:
    ranked = sorted(
        (value if low else -value, row) for row in rows if not isnan(value := values[row])
    )
    if not ranked:
        return set()
    last = ranked[ceil(len(ranked) / 4) - 1][0]
    return {row for value, row in ranked if value <= last}


def _severe_odds(sample: Sample, by_size: dict[int, list[int]]) -> dict[int, Odds]:
    """The odds ratio of a severe harm in an answer against solos, by number of seats."""
    if SOLO_SEATS not in by_size:
        return dict.fromkeys(by_size, NO_ODDS)
    book = sample.book
    harms = book.cube[..., column(SEVERE_RATE)]
    items = [items for _, items in book.by_case()]
    some = [harms[members] for members in by_size.values()]
    answers = np.array([[(~np.isnan(part[:, at])).sum() for part in some] for at in items])
    severe = np.array([[np.nansum(part[:, at]) for part in some] for at in items])
    return dict(zip(by_size, odds_against_first(severe, answers), strict=True))
