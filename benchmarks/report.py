"""How large a study's report is, and how soon a browser shows something of it.

Models alone and panels of them on the embedded suite's cases over and over, with every agent's
reply. The paint is Chromium's first with content, of a file that it has not seen, median of several
starts. Ends with one JSON line: {"bytes", "first_paint_ms", "ensembles", "cases"}.
"""

import argparse
import hashlib
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from functools import cache
from itertools import combinations, cycle
from pathlib import Path

from playwright.sync_api import sync_playwright

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.menu import Grade, dump_grades
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.archive import suite_digest
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.topologies.wiring import Step
from primum.agents.turns.transcript import Answer, Call, Turn
from primum.benchmarks.support.material import repeated_suite
from primum.cases.model import Case, Suite
from primum.evaluation.html_report.render import report
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder

MODELS = 10
WORDS = """because the patient is stable and the benefit of acting now outweighs the risk in this
history though guidelines differ and follow up within days would show whether it was so""".split()
ARGUMENTS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
--disable-background-networking --disable-component-update""".split()
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def made_study(suite: Suite, ensembles: int) -> Study:
    """Models alone, then panels of three of them by a fourth."""
    names = [f"model-{n}" for n in range(1, MODELS + 1)]
    agents = [AgentSpec(model=name) for name in names]
    solos = [ensemble_of(name=a.model, graph="solo", generators=(a,)) for a in agents]
    panels = (
        ensemble_of(
            name=f"panel-{n}",
            graph="panel",
            generators=trio,
            critics=(trio[0],),
            aggregator=last,
        )
        for n, (trio, last) in enumerate(zip(combinations(agents, 3), cycle(agents)), 1)
    )
    return Study(
        suite=suite.info,
        suite_digest=suite_digest(suite),
        models={n: ModelSpec(id=f"made/{n}", family="other:made", access="open") for n in names},
        ensembles=(*solos, *panels)[:ensembles],
        trials=1,
        seed=0,
        version="0",
    )


@cache
def said(name: str, model: str, case: Case, every: int) -> tuple[tuple[Grade, ...], Call]:
    """What a model says of every so manieth option, with reasons in words drawn at random."""
    drawn = random.Random(f"{model} {name} {case.id}")
    grades = tuple(
        Grade.model_validate(
            {
                "Option": option.id,
                "GradeAI": "Appropriate" if drawn.random() * 12 < option.score else "Inappropriate",
                "Rationale": " ".join(drawn.choices(WORDS, k=9)),
            }
        )
        for option in case.options[::every]
    )
    key = hashlib.sha256(f"{name} {model} {case.id}".encode()).hexdigest()
    reply = Reply(outcome=Outcome.OK, text=dump_grades(grades), cost=0.01, seconds=1.0)
    return grades, Call(key, model, reply)


def turn(step: Step, model: str, stage: int, case: Case) -> Turn:
    """What a model says in a step of an ensemble."""
    grades, call = said(step.name, model, case, 5 if step.role.objects else 1)
    return Turn(
        *(step.seat, step.role.recorded, model, Outcome.OK, "", grades, (call,)),
        about=step.reads[0] if step.role.objects else None,
        step=step.name,
        reads=step.after,
        stage=stage,
    )


def answer(spec: EnsembleSpec, case: Case) -> Answer:
    """What an ensemble gives: the last seat's word, after every other's."""
    turns = tuple(
        turn(step, step.agent.model, spec.wiring.stages[step.name], case)
        for step in spec.wiring.steps
        if step.agent
    )
    chosen = tuple(grade.option for grade in turns[-1].grades if grade.appropriate)
    return Answer(spec.name, case.id, 1, Outcome.OK, "", chosen, turns, turns[-1].text)


def paints(page: Path, rounds: int) -> list[float]:
    """Milliseconds to the first paint with content, each in a context of its own."""
    found = []
    with sync_playwright() as playwright:
        where = shutil.which("chromium") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=where, args=ARGUMENTS)
        for _ in range(rounds + 1):
            tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            tab.goto(page.as_uri())
            tab.wait_for_selector("html[data-ready]", state="attached")
            found.append(float(tab.evaluate(PAINT)))
            tab.context.close()
        browser.close()
    return found[1:]  # the first also starts the browser's own parts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ensembles", type=int, default=100)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keep", type=Path, help="Write the report to this file too.")
    given = parser.parse_args()
    suite = repeated_suite(given.cases)
    study = made_study(suite, given.ensembles)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recorder = Recorder(Store(folder / "store.duckdb"), study, suite)
        for case in suite.cases:
            for spec in study.ensembles:
                recorder.add(answer(spec, case))
        recorder.finish()
        started = time.perf_counter()
        text = report(folder, None)[1]
        seconds = time.perf_counter() - started
        page = folder / "report.html"
        page.write_text(text, encoding="utf-8")
        if given.keep:
            given.keep.write_text(text, encoding="utf-8")
        times = paints(page, given.rounds)
        size = page.stat().st_size
    print(f"made in {seconds:.1f} s; paints {[round(t) for t in times]} ms", file=sys.stderr)
    figures = {"bytes": size, "first_paint_ms": round(statistics.median(times))}
    print(json.dumps({**figures, "ensembles": given.ensembles, "cases": given.cases}))


if __name__ == "__main__":
    main()
