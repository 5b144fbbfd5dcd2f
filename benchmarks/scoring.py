"""How long scoring and statistics take: 1,100 items x 42 options x 10 ensembles, 10,000 resamples.

The answers are drawn at random. Ends with one JSON line: {"items", "options", "ensembles",
"resamples", "score_s", "summary_s", "comparisons_s", "seconds"}.
"""

import json
import random
import time
from itertools import pairwise

from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import (
    SPECIALTIES,
    Case,
    Consultation,
    Option,
    Suite,
    SuiteInfo,
    Variant,
    VariantMetadata,
)
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.estimates import RESAMPLES, draw_sample, estimates
from primum.evaluation.statistics.paired_differences import comparisons

SHARE = 0.4  # of the options, recommended at random
CASES, VARIANTS, OPTIONS, SOLOS, PANELS = 100, 10, 42, 8, 2


def make_suite(rng: random.Random) -> Suite:
    """A suite of the published benchmark's size."""
    prefixes = list(SPECIALTIES)
    cases, variants = [], []
    for number in range(CASES):
        options = tuple(
            Option(id=i, text=f"option {i}", category="Diagnostic", score=rng.randint(1, 9))
            for i in range(1, OPTIONS + 1)
        )
        name = f"{prefixes[number % len(prefixes)]}{number:03d}"
        cases.append(Case(id=name, case=Consultation(presentation="What now?"), options=options))
        for n in range(VARIANTS):
            edit = VariantMetadata(base_id=name, perturb_id=n, category="Age")
            variants.append(Variant(id=f"{name}-{n}", prompt="What now?", metadata=edit))
    return Suite(info=SuiteInfo(name="made"), cases=tuple(cases), variants=tuple(variants))


def main() -> None:
    """Measure and print."""
    rng = random.Random(1)
    suite = make_suite(rng)
    agents = tuple(AgentSpec(model=f"m{n}") for n in range(SOLOS))
    specs = [ensemble_of(name=a.model, graph="solo", generators=(a,)) for a in agents]
    specs += [
        ensemble_of(name=f"team{n}", graph="panel", generators=agents[:4], aggregator=agents[n])
        for n in range(PANELS)
    ]
    items = tuple(suite.items())
    answers = [
        Answer(
            spec.name,
            item.id,
            1,
            Outcome.OK,
            "",
            tuple(i for i in range(1, OPTIONS + 1) if rng.random() < SHARE),
        )
        for spec in specs
        for item in items
    ]
    marks = [time.perf_counter()]
    book = ScoreBook(suite, tuple(spec.name for spec in specs), 1)
    book.add(answers)
    marks.append(time.perf_counter())
    sample = draw_sample(book)
    tuple(estimates(sample))
    marks.append(time.perf_counter())
    tuple(comparisons(sample, specs, against=["m0"]))
    marks.append(time.perf_counter())
    parts = [round(b - a, 2) for a, b in pairwise(marks)]
    size = {
        "items": len(items),
        "options": OPTIONS,
        "ensembles": len(specs),
        "resamples": RESAMPLES,
    }
    names = ("score_s", "summary_s", "comparisons_s")
    times = dict(zip(names, parts, strict=True))
    print(json.dumps({**size, **times, "seconds": round(sum(parts), 2)}))


if __name__ == "__main__":
    main()
