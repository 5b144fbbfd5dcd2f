"""How long intervals of paired differences take: 1,000 ensembles x 100 cases x 10,000 resamples.

Ends with one JSON line: {"ensembles", "cases", "resamples", "seconds"}; the median of several
rounds, drawing the resamples included.
"""

import argparse
import json
import statistics
import sys
import time

import numpy as np

from primum.cases.model import SPECIALTIES
from primum.evaluation.statistics.bootstrap import intervals, resample, strata_of


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ensembles", type=int, default=1_000)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--resamples", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    names = list(SPECIALTIES)
    specialties = [names[case % len(names)] for case in range(given.cases)]
    scores = rng.random((given.cases, given.ensembles))
    other = rng.random((given.cases, 1))
    times = []
    for _ in range(given.rounds):
        started = time.perf_counter()
        counts = resample(strata_of(specialties), given.resamples, seed=0)
        found = intervals(scores - other, counts)
        times.append(time.perf_counter() - started)
        assert (found.lo <= found.mean).all(), "an interval lies above its mean"
        assert (found.mean <= found.hi).all(), "an interval lies below its mean"
    print(f"rounds: {', '.join(f'{s:.2f}' for s in times)} s", file=sys.stderr)
    sizes = {"ensembles": given.ensembles, "cases": given.cases, "resamples": given.resamples}
    print(json.dumps({**sizes, "seconds": round(statistics.median(times), 3)}))


if __name__ == "__main__":
    main()
