"""What was planted is found: simulated clinicians of known faults, named as such by the tables.

A guardian that hurts (beside relays with sound guardians), a family of two whose errors are one,
and a clinician that recommends nothing, in votes where anything that anybody recommends counts.
Each seed is a study of the embedded suite's base cases, asked, scored and stored as any other.
What is named:

- guardian: adding it raises Severe_rate: the interval of its effect lies above 0, and p < .05
- twins: the errors of two models, each alone, are the same (phi is 1)
- nobody: adding it to a vote changes nothing: every effect, every Shapley value and their intervals
  are 0 (to 12 digits)

Ends with one JSON line: the number of seeds; the share of them in which the guardian was so named,
the rate that evaluation/power predicts, and whether the count lies within the binomial 95% range of
that; the shares for twins and nobody; and the share in which one of the others was named anything.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from math import comb
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from primum.agents.ledger.ledger import Ledger
from primum.agents.simulation.client import SimulatedClient
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.specs.rule import Rule
from primum.agents.studies.panel import Panel
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.cases.load import load_suite
from primum.cases.model import Suite
from primum.evaluation.analysis.analyse import Figures
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.power.detection import ALPHA, detect
from primum.evaluation.power.simulated_studies import simulate
from primum.evaluation.power.teams import team_of
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.graphs.execution.runner import Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study

SEEDS = 20
PREDICTED_FROM = 4_000  # simulated studies

TOLERANCE = 1e-12
HURTS, EMPTY_COALITION = "hurts", "nobody"
SOUND = ("sound-a", "sound-b")
TWINS = ("twin-1", "twin-2")
Rates = dict[str, float]
Tiers = tuple[Rates, Rates, float]


def tiers(recall: tuple[int, int, int], wrong: tuple[int, int, int, int], family: float) -> Tiers:
    """Rates in percent (severe, moderate, mild, uncertain), and what a family has in common."""
    names = ("severe", "moderate", "mild", "uncertain")
    return dict(zip(names, recall, strict=False)), dict(zip(names, wrong, strict=True)), family


DIFFICULTY = 0.2
PLANTED: dict[str, tuple[str, Tiers]] = {
    SOUND[0]: ("other:a", tiers((90, 75, 60), (2, 8, 14, 40), 0.4)),
    SOUND[1]: ("other:b", tiers((90, 75, 60), (2, 8, 14, 40), 0.4)),
    HURTS: ("other:c", tiers((40, 35, 30), (28, 38, 42, 55), 0.4)),
    TWINS[0]: ("other:twins", tiers((85, 70, 60), (4, 10, 15, 45), 1 - DIFFICULTY)),
    TWINS[1]: ("other:twins", tiers((85, 70, 60), (4, 10, 15, 45), 1 - DIFFICULTY)),
    EMPTY_COALITION: ("other:d", tiers((0, 0, 0), (0, 0, 0, 0), 0.4)),
}
RELAYS = tuple((one, two) for one in SOUND for two in (HURTS, *SOUND) if one != two)
VOTES = (SOUND, *((one, EMPTY_COALITION) for one in SOUND), (*SOUND, EMPTY_COALITION))
HARMED = tuple((f"{one}-{HURTS}", one) for one in SOUND)
"""The pairs of ensembles that the guardian's effect is the mean of: with it, and without."""


class Named(NamedTuple):
    """What a study's tables say of its clinicians."""

    guardian: bool
    twins: bool
    nobody: bool
    others: bool


def planted_panel(seed: int) -> Panel:
    """The clinicians, with draws of this seed, and the ensembles that they form."""
    models = {}
    for name, (family, (recall, wrong, shared)) in PLANTED.items():
        profile: dict[str, Any] = {
            "family": family,
            "recall": recall,
            "false_positive": wrong,
            "correlation": shared,
            "difficulty": DIFFICULTY,
            "seed": seed,
        }
        models[name] = ModelSpec(
            id=f"sim/{name}", family=family, access="open", params={"simulation": profile}
        )
    ensembles = [relay(one, two) for one, two in RELAYS] + [union(some) for some in VOTES]
    return Panel(name="planted", models=models, ensembles=(*ensembles, twins_together()))


def relay(one: str, two: str) -> EnsembleSpec:
    """A draft, and a guardian that rewrites it."""
    return ensemble_of(
        name=f"{one}-{two}",
        graph="relay",
        generators=(AgentSpec(model=one),),
        guardians=(AgentSpec(model=two),),
    )


def union(some: Sequence[str]) -> EnsembleSpec:
    """A vote in which whatever anybody recommends counts."""
    seats = tuple(AgentSpec(model=one) for one in some)
    rule = Rule(name="union")
    return ensemble_of(name="any-of-" + "-".join(some), graph="vote", generators=seats, rule=rule)


def twins_together() -> EnsembleSpec:
    """A panel of the twins: for their solos beside it."""
    seats = tuple(AgentSpec(model=one) for one in TWINS)
    last = AgentSpec(model=SOUND[0])
    return ensemble_of(name="twins", graph="panel", generators=seats, aggregator=last)


async def studied(seed: int, suite: Suite, folder: Path) -> Figures:
    """The figures of one study, run and recorded as any other."""
    simulated_models = SimulatedModels()
    panel = planted_panel(seed)
    names = [spec.name for spec in panel.ensembles]
    study = plan_study(suite, panel, simulated_models.register(suite), StudySettings(names=names))
    recorder = Recorder(Store(folder / "store.duckdb"), study, suite)
    ledger = Ledger(None)
    async for answer in Runner(study, ledger, SimulatedClient(simulated_models)).run(suite):
        recorder.add(answer)
    ledger.close()
    return recorder.finish().figures


def named(figures: Figures) -> Named:
    """What the tables say of whom."""
    added = [effect for effect in figures["effects"] if effect.kind == "add"]
    hurting = {
        effect.model
        for effect in added
        if (effect.role, effect.metric) == ("guardian", SEVERE_RATE.name)
        and effect.lo > 0
        and effect.p < ALPHA
    }
    same = {
        (pair.model_a, pair.model_b)
        for pair in figures["error_correlations"]
        if pair.severity == "any" and pair.phi == 1
    }
    votes = [(e.model, (e.difference, e.lo, e.hi)) for e in added if e.role == "generator"]
    votes += [(w.model, (w.shapley, w.lo, w.hi)) for w in figures["shapley_values"] if w.exact]
    there = [(model, np.abs(found).max()) for model, found in votes if not np.isnan(found[0])]
    idle = {model for model, _ in there} - {model for model, most in there if most > TOLERANCE}
    others = (hurting - {HURTS}, same - {TWINS}, idle - {EMPTY_COALITION})
    return Named(HURTS in hurting, TWINS in same, EMPTY_COALITION in idle, any(others))


def predicted(suite: Suite, studies: int) -> float:
    """How often the guardian would be named: its effect in simulated studies of the same cases."""
    panel = planted_panel(0)
    offered = {spec.name: spec for spec in (*panel.ensembles, *panel.solos())}
    pairs = [team_of(offered[name], panel.models) for pair in HARMED for name in pair]
    drawn = np.tile(np.arange(len(suite.cases))[:, None], studies)
    values = simulate(suite, drawn, pairs, [SEVERE_RATE], 1, seed=1)[:, 0, ..., 0]
    differences = (values[::2] - values[1::2]).mean(axis=0)
    seen = detect(differences, [case.specialty for case in suite.cases], 1, seed=0)
    return float(((seen.by_interval == 1) & (seen.by_test == 1)).mean())


def within(count: int, of: int, rate: float) -> bool:
    """Whether a count lies within the central 95% of a binomial distribution."""

    def chance(counts: range) -> float:
        return sum(comb(of, n) * rate**n * (1 - rate) ** (of - n) for n in counts)

    return min(chance(range(count + 1)), chance(range(count, of + 1))) > ALPHA / 2


def main() -> None:
    """Run the studies, and say what was named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--predicted-from", type=int, default=PREDICTED_FROM)
    given = parser.parse_args()
    suite = load_suite("demo").model_copy(update={"variants": ()})
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, given.seeds + 1):
            found.append(named(asyncio.run(studied(seed, suite, Path(folder)))))
            print(f"seed {seed}: {found[-1]}", file=sys.stderr)
    rate = predicted(suite, given.predicted_from)
    count = sum(study.guardian for study in found)
    shares = {
        name: sum(column) / len(found)
        for name, column in zip(Named._fields, zip(*found, strict=True), strict=True)
    }
    print(
        json.dumps(
            {
                "seeds": given.seeds,
                "guardian": shares["guardian"],
                "guardian_predicted": round(rate, 4),
                "guardian_expected_within": within(count, given.seeds, rate),
                "twins": shares["twins"],
                "nobody": shares["nobody"],
                "false_names": shares["others"],
            }
        )
    )


if __name__ == "__main__":
    main()
