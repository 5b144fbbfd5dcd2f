"""evaluation/power: teams as arrays decide as the simulated clinicians do, in every graph."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from primum.agents.ledger.ledger import Ledger
from primum.agents.roles import voting
from primum.agents.roles.simulated import SimulatedState
from primum.agents.simulation.client import SimulatedClient
from primum.agents.simulation.clinician import SimulatedModels, _normal
from primum.agents.simulation.profiles import default_profiles
from primum.agents.specs.rule import Rule
from primum.agents.studies.panel import Panel
from primum.agents.topologies.registry import ensemble_of
from primum.agents.topologies.vote import Vote
from primum.cases.load import load_suite
from primum.cases.model import Case, Suite
from primum.core.arrays import Bools, Floats, Ints
from primum.core.errors import UsageError
from primum.evaluation.power.beliefs import Beliefs
from primum.evaluation.power.teams import decide, team_of
from primum.graphs.execution.runner import Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study

NAMES = "aspen-large aspen-base aspen-small birch-large cedar-large".split()
TRIALS = 2
HASTY = {"model": "aspen-large", "instructions": "Be brief."}
A, B, C, D, E = NAMES
TEAMS: dict[str, dict[str, Any]] = {
    "samples": {"generators": [A], "samples": 3, "rule": "majority"},
    "samples-tied": {
        "generators": [A],
        "samples": 4,
        "rule": {"name": "majority", "tie": "include"},
    },
    "any": {"generators": [A, B, D], "rule": "union"},
    "all": {"generators": [A, B, D], "rule": "intersection"},
    "most": {"generators": [A, D, A, E], "rule": "majority"},
    "half": {"generators": [A, D, B, E], "rule": {"name": "majority", "tie": "include"}},
    "two": {"generators": [C, D, E], "rule": {"name": "k-of-n", "k": 2}},
    "heavy": {
        "generators": [A, D, E],
        "rule": {"name": "weighted", "weights": [3, 1, 2], "tie": "include"},
    },
    "plain": {"graph": "panel", "generators": [A, D], "aggregator": E},
    "own-words": {"graph": "panel", "generators": [HASTY, A], "aggregator": A},
    "critics": {
        "graph": "panel",
        "generators": [A, D, E],
        "critics": [E, C, E],
        "aggregator": D,
    },
    "pick": {
        "graph": "panel",
        "generators": [A, B, D],
        "critics": [E],
        "aggregator": E,
        "aggregation": "select",
    },
    "pick-shuffled": {
        "graph": "panel",
        "generators": [A, B, C, D],
        "aggregator": B,
        "aggregation": "select",
        "shuffle": 7,
        "authors": "named",
    },
    "chain": {"graph": "relay", "generators": [A], "guardians": [D, E, D]},
    "talk": {"graph": "debate", "generators": [A, D], "rounds": 2, "rule": "majority"},
    "talk-long": {
        "graph": "debate",
        "generators": [A, D, E, A],
        "rounds": 3,
        "aggregator": B,
    },
    "talk-pick": {
        "graph": "debate",
        "generators": [A, E],
        "rounds": 1,
        "aggregator": C,
        "aggregation": "select",
        "shuffle": 3,
    },
    "mixture": {
        "graph": "layers",
        "generators": [A, D, E],
        "layers": [[A, B], [D, D, C, E]],
        "aggregator": A,
    },
    "mixture-pick": {
        "graph": "layers",
        "generators": [A, D],
        "layers": [[D, E]],
        "aggregator": B,
        "aggregation": "select",
    },
}


@dataclass(frozen=True)
class Hashed:
    """The very draws of the clinicians that answer prompts (agents/simulation/clinician.py)."""

    case: Case

    def per_case(self, name: str) -> Floats:
        return np.array([[[_normal(f"{name}|{self.case.id}|{o.id}") for o in self.case.options]]])

    def per_trial(self, name: str, sample: int) -> Floats:
        draws = [str(n) if sample == 1 else f"{n}.{sample}" for n in range(1, TRIALS + 1)]
        options = self.case.options
        return np.array(
            [[[_normal(f"{name}|{self.case.id}|{o.id}|{d}") for o in options] for d in draws]]
        )

    def draft_positions(self, shuffle: int, drafts: int) -> Ints:
        order = list(range(drafts))
        random.Random(f"{shuffle}|{self.case.id}").shuffle(order)
        return np.argsort(order)[None, None]


@pytest.fixture(scope="module")
def suite() -> Suite:
    """One base case of the embedded suite in four."""
    demo = load_suite("demo")
    return demo.model_copy(update={"cases": demo.cases[::4], "variants": ()})


@pytest.fixture(scope="module")
def panel() -> Panel:
    shipped = default_profiles()
    models = {
        name: {"id": f"sim/{name}", "family": shipped[f"sim/{name}"].family, "access": "open"}
        for name in NAMES
    }
    graph = {"samples": "self-consistency", "samples-tied": "self-consistency"}
    ensembles = [
        {"name": name, "graph": graph.get(name, "vote"), **team} for name, team in TEAMS.items()
    ]
    given = {"name": "wood", "models": models, "ensembles": ensembles}
    return Panel.model_validate_json(json.dumps(given))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger(None)
    yield opened
    opened.close()


async def test_every_graph_decides_as_the_clinicians_that_answer_prompts(
    suite: Suite, panel: Panel, ledger: Ledger
) -> None:
    simulated_models = SimulatedModels()
    study = plan_study(
        *(suite, panel, simulated_models.register(suite)),
        StudySettings(
            names=[*TEAMS, *(spec.name for spec in panel.solos())],
            trials=TRIALS,
        ),
    )
    answered = {
        (answer.ensemble, answer.item, answer.trial): answer.recommended
        async for answer in Runner(study, ledger, SimulatedClient(simulated_models)).run(suite)
    }
    teams = [team_of(spec, panel.models) for spec in study.ensembles]
    decided = {}
    for case in suite.cases:
        beliefs = Beliefs(np.array([option.score for option in case.options]), Hashed(case))
        for team in teams:
            (trials,) = np.broadcast_to(decide(team, beliefs), (1, TRIALS, len(case.options)))
            for trial, given in enumerate(trials, 1):
                chosen = (o.id for o, yes in zip(case.options, given, strict=True) if yes)
                decided[team.spec.name, case.id, trial] = tuple(chosen)
    assert len(decided) == (len(TEAMS) + 6) * 5 * TRIALS
    assert decided == answered


def drafted(*grades: str) -> list[Bools]:
    return [np.array([[[letter == "y" for letter in draft]]]) for draft in grades]


def count(rule: Rule, drafts: list[Bools]) -> Bools:
    nothing = np.zeros_like(drafts[0])
    draft_positions = np.arange(len(drafts))
    return voting.decide(
        SimulatedState(nothing, lambda: nothing, drafts, (), draft_positions, rule)
    )


def test_weights_are_counted_exactly() -> None:
    """In decimals 0.1 and 0.2 tie with 0.3."""
    rule = Rule(name="weighted", weights=(0.1, 0.2, 0.3), tie="include")
    drafts = drafted("yyn", "yny", "nyy")
    assert count(rule, drafts).tolist() == [[[True, True, True]]]
    strict = Rule(name="weighted", weights=(0.1, 0.2, 0.3))
    assert count(strict, drafts).tolist() == [[[False, True, True]]]


def test_what_cannot_be_simulated_is_refused(panel: Panel) -> None:
    real = {**panel.models, B: panel.models[B].model_copy(update={"id": "openai/x"})}
    spec = next(spec for spec in panel.ensembles if spec.name == "any")
    with pytest.raises(UsageError, match=f"any: {B} is no simulated clinician"):
        team_of(spec, real)
    control = ensemble_of(name="control:nothing", graph="control")
    with pytest.raises(UsageError, match="a control asks no clinician"):
        team_of(control, panel.models)
    many = {"generators": [A] * 17, "rule": {"name": "weighted", "weights": [1] * 17}}
    wide = Vote.model_validate_json(json.dumps({"name": "wide", **many}))
    with pytest.raises(UsageError, match="wide: weighted votes"):
        team_of(wide, panel.models)
