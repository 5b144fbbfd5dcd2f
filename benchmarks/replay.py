"""How fast a study is replayed from a warm ledger, and whether memory stays level.

Every subset of five simulated clinicians as a panel, and their solos: read, run through the graphs,
scored and stored, with no call made, as `primum run` does. Ends with one JSON line:
{"ensemble_cases_per_s", "rss_growth"}: answers a second of CPU (one core), and by how much the
memory of the process grew from a fifth of the answers to all of them (0.1 is 10%). --full is
50,000 answers, else 10,000.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from math import ceil
from pathlib import Path

from primum.agents.ledger.ledger import Ledger
from primum.agents.simulation.client import SimulatedClient
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.studies.panels import load_panel
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer
from primum.benchmarks.support.material import repeated_suite, subsets_panel
from primum.cases.model import Suite
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.graphs.execution.run import run_suite
from primum.graphs.execution.runner import Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study

CASES = 100
SMALL, FULL = 10_000, 50_000


def planned(answers: int, simulated_models: SimulatedModels) -> tuple[Study, Suite]:
    """A study of at least so many answers: as many trials as it takes."""
    panel = subsets_panel(load_panel("simulated").models)
    names = [ensemble.name for ensemble in panel.ensembles]
    suite = repeated_suite(min(CASES, ceil(answers / (len(names) + len(panel.models)))))
    study = plan_study(suite, panel, simulated_models.register(suite), StudySettings(names=names))
    trials = ceil(answers / len(study.ensembles) / len(suite.cases))
    return study.model_copy(update={"trials": trials}), suite


async def warm(path: Path, answers: int) -> None:
    """Put every call of the study on record."""
    simulated_models = SimulatedModels()
    study, suite = planned(answers, simulated_models)
    ledger = Ledger(path, concurrency=16)
    async for _ in Runner(study, ledger, SimulatedClient(simulated_models)).run(suite):
        pass
    ledger.close()


def replay(path: Path, answers: int) -> None:
    """Read, run, score and store; prints what it took."""
    study, suite = planned(answers, SimulatedModels())
    ledger = Ledger(path)
    recorder = Recorder(Store(path.with_name("store.duckdb")), study, suite)
    runner = Runner(study, ledger, None)
    done = 0
    seen: dict[int, int] = {}  # memory, by the number of answers

    def take(answer: Answer) -> None:
        nonlocal done
        recorder.add(answer)
        done += 1
        if done in (answers // 5, answers):
            seen[done] = resident()

    started, cpu = time.perf_counter(), time.process_time()
    run_suite(runner, suite, take)
    streamed = time.process_time() - cpu
    recorder.finish()
    early, late = seen.values()
    print(f"after {answers // 5} answers {early} kB, after {answers} {late} kB", file=sys.stderr)
    figures = {
        "made": ledger.made,
        "answers": done,
        "wall": time.perf_counter() - started,
        "streamed": streamed,
        "cpu": time.process_time() - cpu,
        "growth": late / early - 1,
    }
    print(json.dumps(figures))


def resident() -> int:
    """The memory of this process, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=SMALL)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} answers")
    parser.add_argument("--replay", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    answers = FULL if given.full else given.answers
    if given.replay:
        replay(given.replay, answers)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        command = [sys.executable, __file__, "--answers", str(answers), "--replay", str(path)]
        asyncio.run(warm(path, answers))
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(said.splitlines()[-1])
    assert found["made"] == 0, f"{found['made']} calls were made"
    print(
        f"{found['answers']} answers in {found['wall']:.1f} s, CPU {found['cpu']:.1f} s, of which "
        f"{found['streamed']:.1f} s before the figures",
        file=sys.stderr,
    )
    speed = round(found["answers"] / found["cpu"], 1)
    print(json.dumps({"ensemble_cases_per_s": speed, "rss_growth": round(found["growth"], 4)}))


if __name__ == "__main__":
    main()
