"""Do 95% intervals hold the truth in 95% of studies, and how often is chance called a difference?

Simulated studies of ensembles whose errors are correlated, on cases drawn from a population that is
known (population.py), through the project's own functions. Ends with one JSON line: coverage of a
rate near 10%, of a mean, of a paired difference of rates and of F1_floor, and how often a study in
which nothing differs has a finding (the highest figure of any family of tests: the registered
contrasts under Holm, each metric's others under Benjamini-Hochberg).

stderr has the same of the published procedure (as many draws as a stratum has cases, and plain
percentiles), and with --sweep coverage by rate and by number of cases.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations
from typing import NamedTuple

import numpy as np

from primum.benchmarks.support.population import Ensemble, draw, specialties, true_f1, true_floor
from primum.core.arrays import Floats, Ints
from primum.evaluation.statistics.bootstrap import (
    intervals,
    ratio_intervals,
    resample,
    resampled_means,
    sign_flip_p,
    strata_of,
)
from primum.evaluation.statistics.multiple_testing import adjust_p_values

DIFFERENT = tuple(Ensemble(0.08 + step / 100, step / 20) for step in range(5))
ALIKE = (Ensemble(0.10),) * 5
LOW_RATES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.10, 0.20)
FEW_CASES = (4, 6, 8, 10, 15, 20, 30, 50, 100)
DECISION = 0.05
AT_ONCE = 500
ROUNDS = 20  # of as many studies, for false positives: a study gives one, not one an ensemble
Ends = tuple[Floats, Floats]
Procedure = Callable[[Floats], Ends]


class Held(NamedTuple):
    """Share of intervals that hold the truth, and share of those without width."""

    procedure: str
    kind: str
    held: float
    without_width: float

    def __str__(self) -> str:
        """One line."""
        narrow = f", without width {self.without_width:.4f}" if self.without_width else ""
        return f"{self.procedure}: {self.kind} {self.held:.4f}{narrow}"


def ours(values: Floats, counts: Floats) -> Ends:
    """Intervals of the means of columns, as every table has them."""
    found = intervals(values, counts)
    return found.lo, found.hi


def published(values: Floats, counts: Floats) -> Ends:
    """The published procedure: plain percentiles of resampled means."""
    parts = [
        np.percentile(resampled_means(values[:, start : start + AT_ONCE], counts), (2.5, 97.5), 0)
        for start in range(0, values.shape[1], AT_ONCE)
    ]
    lo, hi = np.concatenate(parts, axis=1)
    return lo, hi


def published_counts(strata: Ints, resamples: int, seed: int) -> Floats:
    """How often each case is drawn, as often as its stratum has cases; (resamples, cases)."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((resamples, len(strata)))
    for stratum in np.unique(strata):
        (members,) = np.nonzero(strata == stratum)
        n = len(members)
        counts[:, members] = rng.multinomial(n, np.full(n, 1 / n), size=resamples)
    return counts


def holding(ends: Ends, truth: Floats) -> tuple[Floats, Floats]:
    """Shares of intervals that hold the truth, and that have no width; shape (ensembles,) each.

    Args:
        ends: shape (studies x ensembles,) each.
        truth: shape (ensembles,).
    """
    lo, hi = (end.reshape(-1, len(truth)) for end in ends)
    rounding = 1e-9
    held = (lo <= truth + rounding) & (truth - rounding <= hi)
    return held.mean(axis=0), (lo == hi).mean(axis=0)


def flat(values: Floats) -> Floats:
    """Values of shape (cases, studies, ensembles) as columns."""
    return values.reshape(len(values), -1)


def coverages(
    given: argparse.Namespace, cases: int, procedures: Mapping[str, Procedure], counts: Floats
) -> Iterator[Held]:
    """Coverage by procedure and kind of figure, over studies and ensembles."""
    drawn = draw(np.random.default_rng([given.seed, cases]), cases, given.studies, DIFFERENT)
    rates = np.array([e.rate for e in DIFFERENT])
    means = np.array([true_f1(e.shift) for e in DIFFERENT])
    floors = np.array([true_floor(e.shift) for e in DIFFERENT])
    kinds = {
        "rate": (drawn.severe, rates),
        "mean": (drawn.f1, means),
        "paired": (drawn.severe[..., 1:] - drawn.severe[..., :1], rates[1:] - rates[0]),
        "paired F1": (drawn.f1[..., 1:] - drawn.f1[..., :1], means[1:] - means[0]),
        "floor": (drawn.floor, floors),
    }
    for name, procedure in procedures.items():
        for kind, (values, truth) in kinds.items():
            held, narrow = holding(procedure(flat(values)), truth)
            yield Held(name, kind, float(held.mean()), float(narrow.mean()))
    own, base = drawn.f1[..., 1:], np.repeat(drawn.f1[..., :1], len(DIFFERENT) - 1, axis=-1)
    _, lo, hi = ratio_intervals(flat(own), flat(base), counts)
    held, narrow = holding((lo, hi), means[1:] / means[0])
    yield Held("ours", "ratio of F1", float(held.mean()), float(narrow.mean()))


def false_positives(given: argparse.Namespace) -> dict[str, float]:
    """How often studies in which all ensembles are alike have a finding, by family of tests."""
    rounds = [_false_positives(given, turn) for turn in range(ROUNDS)]
    return {name: float(np.mean([found[name] for found in rounds])) for name in rounds[0]}


def _false_positives(given: argparse.Namespace, turn: int) -> dict[str, float]:
    """The same of some studies.

    Registered: Severe_rate of four ensembles against the first. The rest: all other pairs in
    Severe_rate, and all pairs in F1_weighted and F1_floor, each metric by itself.
    """
    drawn = draw(np.random.default_rng([given.seed, 2, turn]), given.cases, given.studies, ALIKE)
    pairs = list(combinations(range(len(ALIKE)), 2))
    metrics = dict(zip(("Severe_rate", "F1_weighted", "F1_floor"), drawn, strict=True))
    keys = [(str(b), str(a), metric) for metric in metrics for a, b in pairs]
    table = [values[..., b] - values[..., a] for values in metrics.values() for a, b in pairs]
    p = sign_flip_p(flat(np.stack(table, axis=-1)), given.flips, turn).reshape(given.studies, -1)
    registered = frozenset((str(b), "0", "Severe_rate") for b in range(1, len(ALIKE)))
    groups = [metric for *_, metric in keys]
    found = np.array([adjust_p_values(row, keys, groups, registered)[0] for row in p]) < DECISION
    families = {"Holm": np.array([key in registered for key in keys])}
    for metric in metrics:
        families[f"BH, {metric}"] = (np.array(groups) == metric) & ~families["Holm"]
    return {name: float(found[:, which].any(axis=1).mean()) for name, which in families.items()} | {
        "any of these families": float(found.any(axis=1).mean()),
        "one test alone": float((p < DECISION).mean()),
        "worse than the best of three": _worse_than_best(drawn.f1, given.flips, turn),
    }


def _worse_than_best(f1: Floats, flips: int, seed: int) -> float:
    """How often a team that is as good as each of three members is found worse than the best."""
    members = f1[..., 1:4]
    best = members.mean(axis=0).argmax(axis=-1)[None, :, None]
    difference = f1[..., 0] - np.take_along_axis(members, best, axis=-1)[..., 0]
    p = sign_flip_p(difference, flips, seed)
    return float(((p < DECISION) & (difference.mean(axis=0) < 0)).mean())


def sweep(given: argparse.Namespace) -> Iterator[str]:
    """Coverage by rate and by number of cases, a line each."""
    rng = np.random.default_rng([given.seed, 4])
    counts = resample(strata_of(specialties(given.cases)), given.resamples, given.seed)
    severe = draw(rng, given.cases, given.studies, [Ensemble(rate) for rate in LOW_RATES]).severe
    shares = holding(ours(flat(severe), counts), np.array(LOW_RATES))
    for rate, held, narrow in zip(LOW_RATES, *shares, strict=True):
        yield f"{given.cases} cases, " + str(Held("ours", f"a rate of {rate:.0%}", held, narrow))
    for cases in FEW_CASES:
        counts = resample(strata_of(specialties(cases)), given.resamples, given.seed)
        for line in coverages(given, cases, {"ours": partial(ours, counts=counts)}, counts):
            yield f"{cases} cases, {line}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1_000)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--resamples", type=int, default=10_000)
    parser.add_argument("--flips", type=int, default=1_999)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sweep", action="store_true")
    given = parser.parse_args()
    strata = strata_of(specialties(given.cases))
    counts = resample(strata, given.resamples, given.seed)
    plain = published_counts(strata, given.resamples, given.seed)
    procedures = {
        "published": partial(published, counts=plain),
        "ours": partial(ours, counts=counts),
    }
    figures: dict[str, float] = {}
    for found in coverages(given, given.cases, procedures, counts):
        print(found, file=sys.stderr)
        if found.procedure == "ours" and found.kind in {"rate", "mean", "paired", "floor"}:
            figures[found.kind] = round(found.held, 4)
    wrong = false_positives(given)
    for name, share in wrong.items():
        print(f"no difference, a finding: {name} {share:.4f}", file=sys.stderr)
    for line in sweep(given) if given.sweep else ():
        print(line, file=sys.stderr)
    families = [share for name, share in wrong.items() if name.startswith(("Holm", "BH"))]
    print(json.dumps({**figures, "false_positive": round(max(families), 4)}))


if __name__ == "__main__":
    main()
