"""How many calls an ablation makes: every subset of five generators with one aggregator.

31 panels and the five solos over 100 cases, menus. Ends with one JSON line: {"calls", "distinct",
"naive"}: requests that reached the server, distinct ones among them, which the ledger must hold
one for one, and the calls that a run for each ensemble would have made.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
from pathlib import Path

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.outcomes import Outcome
from primum.benchmarks.support.material import repeated_suite, served_models, subsets_panel
from primum.benchmarks.support.server import counted, serving
from primum.graphs.execution.runner import Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study

ON_RECORD = "select count(*) from calls where outcome = ?"


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.0, help="of each call")
    parser.add_argument("--constant", action="store_true", help="latency, instead of drawn")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--generators", type=int, default=5)
    given = parser.parse_args()
    suite = repeated_suite(given.cases)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with serving(given.seconds, constant=given.constant) as url:
            names = [f"model-{n}" for n in range(1, given.generators + 1)]
            panel = subsets_panel(served_models(names, url))
            teams = [ensemble.name for ensemble in panel.ensembles]
            study = plan_study(suite, panel, "", StudySettings(names=teams))
            ledger = Ledger(path, concurrency=50)
            runner = Runner(study, ledger, LiteLLMClient())
            answers = [answer async for answer in runner.run(suite)]
            ledger.close()
            found = counted(url)
        with sqlite3.connect(path) as record:
            ((kept,),) = record.execute(ON_RECORD, [Outcome.OK])
    naive = given.cases * sum(len(ensemble.seats) for ensemble in study.ensembles)
    print(
        f"{len(study.ensembles)} ensembles x {given.cases} cases: {len(answers)} answers, "
        f"{found['calls']} calls, {kept} on record",
        file=sys.stderr,
    )
    assert found["distinct"] == kept, f"{found['distinct']} distinct calls, {kept} on record"
    assert len(answers) == len(study.ensembles) * given.cases, "an answer is missing"
    print(json.dumps({"calls": found["calls"], "distinct": found["distinct"], "naive": naive}))


if __name__ == "__main__":
    asyncio.run(main())
