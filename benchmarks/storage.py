"""How fast verdicts go into the store, and how fast a full store gives the leaderboard.

Five million verdicts: 120 ensembles x 100 cases x 10 trials x 42 options, in one batch for each
trial, then the answers, harms and scores that belong to them. Ends with one JSON line:
{"rows", "store_s", "leaderboard_ms"}: verdicts, seconds for them (opening and closing the file with
each batch included), and the median of several `select * from leaderboard`.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np

from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Case, Consultation, Option, Suite, SuiteInfo
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.estimates import draw_sample, estimates
from primum.evaluation.statistics.paired_differences import comparisons
from primum.evaluation.store.database import Store
from primum.evaluation.store.schema import batch_of
from primum.evaluation.store.tables.answer_tables import ScoredAnswers
from primum.evaluation.store.tables.figure_tables import Summary
from primum.evaluation.store.tables.study_tables import Manifest, Progress

SHARE = 0.4  # of the options, recommended at random
PREFIXES = ("Card", "Endo", "GI", "Neuro", "Pulm")
RESAMPLES = 1_000


def made_suite(cases: int, options: int, rng: np.random.Generator) -> Suite:
    """Cases with options of any score."""
    found = []
    for number in range(cases):
        scores = rng.integers(1, 10, options).tolist()
        offered = tuple(
            Option(id=i, text=f"option {i}", category="Diagnostic", score=score)
            for i, score in enumerate(scores, 1)
        )
        name = f"{PREFIXES[number % len(PREFIXES)]}{number:03d}"
        found.append(Case(id=name, case=Consultation(presentation="What now?"), options=offered))
    return Suite(info=SuiteInfo(name="made"), cases=tuple(found), variants=())


def made_study(suite: Suite, ensembles: int, trials: int) -> Study:
    """Solos, by number."""
    names = [f"ensemble-{n:03d}" for n in range(1, ensembles + 1)]
    return Study(
        suite=suite.info,
        suite_digest="made",
        models={n: ModelSpec(id=f"made/{n}", family="other:made", access="open") for n in names},
        ensembles=tuple(
            ensemble_of(name=n, graph="solo", generators=(AgentSpec(model=n),)) for n in names
        ),
        trials=trials,
        seed=0,
        version="0",
    )


def answers(study: Study, suite: Suite, trial: int, rng: np.random.Generator) -> Iterator[Answer]:
    """One for each ensemble and case, at random."""
    for spec in study.ensembles:
        for case in suite.cases:
            chosen = 1 + np.flatnonzero(rng.random(len(case.options)) < SHARE)
            yield Answer(spec.name, case.id, trial, Outcome.OK, "", tuple(chosen.tolist()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ensembles", type=int, default=120)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--options", type=int, default=42)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    suite = made_suite(given.cases, given.options, rng)
    study = made_study(suite, given.ensembles, given.trials)
    book = ScoreBook(suite, tuple(spec.name for spec in study.ensembles), given.trials)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store.duckdb")
        begun = batch_of(Progress(study, datetime.now(UTC), complete=False))
        store.write(study.id, {**begun, **batch_of(Manifest(study, suite))})
        seconds = 0.0
        for trial in range(1, given.trials + 1):
            said = list(answers(study, suite, trial, rng))
            rows = dict(batch_of(ScoredAnswers(study, said, book.add(said))))
            verdicts = {"verdicts": rows.pop("verdicts")}
            started = time.perf_counter()
            store.write(study.id, verdicts)
            seconds += time.perf_counter() - started
            store.write(study.id, rows)
        sample = draw_sample(book, resamples=RESAMPLES)
        found = tuple(estimates(sample))
        compared = tuple(comparisons(sample, study.ensembles))
        store.write(study.id, batch_of(Summary(study, found, compared)))
        times = []
        with duckdb.connect(store.path, read_only=True) as connection:
            for _ in range(given.rounds):
                started = time.perf_counter()
                board = connection.execute("select * from leaderboard").fetchall()
                times.append(1000 * (time.perf_counter() - started))
            counts = {
                table: connection.execute(f"select count(*) from {table}").fetchall()[0][0]
                for table in ("verdicts", "answers", "harms", "scores", "summaries")
            }
        size = store.path.stat().st_size / 1e6
    assert len(board) == given.ensembles, f"{len(board)} of {given.ensembles} ensembles"
    print(f"{counts}, {size:.0f} MB; leaderboard {[round(t) for t in times]} ms", file=sys.stderr)
    figures = {"store_s": round(seconds, 2), "leaderboard_ms": round(statistics.median(times), 1)}
    print(json.dumps({"rows": counts["verdicts"], **figures}))


if __name__ == "__main__":
    main()
