"""Rubrics, random cases and the slow twin, for the tests of evaluation."""

import shutil
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import VERDICTS, Answer, Call, Turn, Verdict
from primum.cases.model import (
    Case,
    Consult,
    Consultation,
    Option,
    SpecialistConsult,
    Suite,
    SuiteInfo,
    Variant,
    VariantMetadata,
)
from primum.evaluation.scoring.verdict_batch import Action
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder, Result
from primum.tests.wired import wired

KINDS: list[Literal["harm", "alternative"] | None] = [None, "harm", "alternative", "alternative"]
UNKNOWN = (901, 902)  # ids that no option has
Judged = tuple[dict[int, Verdict], list[Action], int]
"""Verdicts by option id, actions, and the answer's length in characters."""


@pytest.fixture(scope="session")
def slow() -> ModuleType:
    """slow_metrics.py: an independent, slow and obvious reference of the definitions."""
    spec = spec_from_file_location(
        "slow_metrics", Path(__file__).parent / "scoring" / "slow_metrics.py"
    )
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def slow_options(slow: ModuleType) -> Callable[[Case], list[Any]]:
    """A case's options in the twin's records."""

    def convert(case: Case) -> list[Any]:
        return [
            slow.Option(
                id=o.id,
                score=o.score,
                group=o.abstraction if o.abstraction_type == "alternative" else None,
                depends_on=o.depends_on or (),
            )
            for o in case.options
        ]

    return convert


@pytest.fixture(scope="session")
def rubric() -> Callable[..., Case]:
    """Builds a case: scores by option id, alternative groups, dependsOn, due referrals."""

    def build(
        scores: dict[int, int],
        *,
        groups: dict[str, tuple[int, ...]] | None = None,
        needs: dict[int, tuple[int, ...]] | None = None,
        consults: tuple[int | None, ...] = (),
        name: str = "CardMade1",
    ) -> Case:
        group_of = {member: name for name, members in (groups or {}).items() for member in members}
        options = [
            Option(
                id=number,
                text=f"Option {number}",
                category="Diagnostic",
                score=score,
                abstraction=group_of.get(number),
                abstraction_type="alternative" if number in group_of else None,
                depends_on=(needs or {}).get(number),
            )
            for number, score in scores.items()
        ]
        due = tuple(Consult(option_id=number) for number in consults)
        return Case(
            id=name,
            case=Consultation(presentation=f"{name}. What now?"),
            options=tuple(options),
            specialist_consult=SpecialistConsult(consults=due) if consults else None,
        )

    return build


@pytest.fixture(scope="session")
def any_case() -> SearchStrategy[Case]:
    """Cases with every kind of group and dependency, circles and mixed scores included."""
    return cases()


@pytest.fixture(scope="session")
def any_judged() -> Callable[[Case], SearchStrategy[Judged]]:
    """Judged answers to a case; verdicts and actions need not fit one another."""
    return judged


@st.composite
def cases(draw: DrawFn) -> Case:
    ids = draw(st.lists(st.integers(1, 60), min_size=1, max_size=9, unique=True))
    options = []
    for number in ids:
        kind = draw(st.sampled_from(KINDS))
        needs = draw(st.none() | st.lists(st.sampled_from(ids), max_size=2).map(tuple))
        options.append(
            Option(
                id=number,
                text="An action",
                category="Medication",
                score=draw(st.integers(1, 9)),
                abstraction=draw(st.sampled_from("ABC")) if kind else None,
                abstraction_type=kind,
                depends_on=needs,
            )
        )
    return Case(id="Card1", case=Consultation(presentation="?"), options=tuple(options))


@st.composite
def judged(draw: DrawFn, case: Case) -> Judged:
    ids = [option.id for option in case.options]
    verdicts = draw(st.dictionaries(st.sampled_from(ids), st.sampled_from(VERDICTS)))
    matches = st.lists(st.sampled_from([*ids, *UNKNOWN]), max_size=3, unique=True).map(tuple)
    actions = draw(st.lists(st.builds(Action, matches, st.integers(0, 9)), max_size=6))
    return verdicts, actions, draw(st.integers(0, 4000) | st.integers(0, 40_000))


# Reasons are text from elsewhere: colour, a window title, a C1 sequence, a bell, markup, a formula.
HOSTILE = "=\x1b[31mred\x1b]0;owned\x07 \x9b2J \x08 [bold]x[/bold]"


@pytest.fixture(scope="session")
def hostile() -> str:
    """What a provider may say to harm a terminal; the notice and reasons of `recorded` hold it."""
    return HOSTILE


@pytest.fixture(scope="session")
def study() -> Study:
    """A duo of a simulated model and one of unknown price, its solos, and a control."""
    ann, ben = AgentSpec(model="ann"), AgentSpec(model="ben")
    return Study(
        suite=SuiteInfo(name="made", notice=f"INVENTED for tests {HOSTILE}"),
        suite_digest="0" * 64,
        models={
            "ann": ModelSpec(id="sim/ann", family="sim-aspen", access="open"),
            "ben": ModelSpec(id="openai/ben", family="gpt", access="proprietary"),
        },
        ensembles=(
            ensemble_of(name="duo", graph="panel", generators=(ann,), aggregator=ben),
            ensemble_of(name="ann", graph="solo", generators=(ann,)),
            ensemble_of(name="ben", graph="solo", generators=(ben,)),
            ensemble_of(name="control:nothing", graph="control"),
        ),
        trials=1,
        seed=0,
        against="ann",
        version="0",
    )


@pytest.fixture(scope="session")
def record_study(
    rubric: Callable[..., Case], study: Study
) -> Callable[[Path], tuple[Path, Result]]:
    """Records the study of `recorded` anew in a folder."""

    def record(folder: Path) -> tuple[Path, Result]:
        return recorded_in(folder, rubric, study)

    return record


@pytest.fixture(scope="session")
def recorded_suite(rubric: Callable[..., Case], study: Study) -> Suite:
    """The suite of `recorded`."""
    return suite_of(rubric, study)


@pytest.fixture(scope="session")
def recorded(
    tmp_path_factory: pytest.TempPathFactory,
    record_study: Callable[[Path], tuple[Path, Result]],
) -> tuple[Path, Result]:
    """A whole study in a store, of four cases and a variant: what 1 and 7 do is harm, 6 uncertain.

    duo gives (2, 4) throughout: all that is due. ann gives (2,), which leaves out the group of 3
    and 4. ben refuses, finds 4, times out, gives nothing, and the last time 2 with the harmful 1;
    its last two answers rest on one call.
    """
    return record_study(tmp_path_factory.mktemp("recorded"))


def suite_of(rubric: Callable[..., Case], study: Study) -> Suite:
    scores = {1: 1, 2: 9, 3: 8, 4: 8, 5: 7, 6: 5, 7: 2}
    cases = tuple(
        rubric(scores, groups={"B or C": (3, 4)}, needs={5: (3,)}, name=name)
        for name in ("Card1", "Derm1", "Endo1", "GI1")
    )
    variant = Variant(
        id="Card1-0", prompt="?", metadata=VariantMetadata(base_id="Card1", category="Age")
    )
    return Suite(info=study.suite, cases=cases, variants=(variant,))


def recorded_in(folder: Path, rubric: Callable[..., Case], study: Study) -> tuple[Path, Result]:
    suite = suite_of(rubric, study)
    path = folder / "store.duckdb"
    recorder = Recorder(Store(path), study, suite)
    bens: list[tuple[Outcome, tuple[int, ...] | None]] = [
        (Outcome.REFUSAL, None),
        (Outcome.OK, (4,)),
        (Outcome.TIMEOUT, None),
        (Outcome.OK, ()),
        (Outcome.OK, (2, 1)),
    ]
    for number, (item, (outcome, recommended)) in enumerate(zip(suite.items(), bens, strict=True)):
        drafted = said("generator-1", "ann", f"a{number}", 0.01)
        merged = said("aggregator", "ben", f"m{number}", None)
        alone = said("generator-1", "ben", f"b{min(number, 3)}", None, outcome)
        reason = HOSTILE if recommended is None else ""
        both = wired(study.ensembles[0], (drafted, merged))
        recorder.add(Answer("duo", item.id, 1, Outcome.OK, "", (2, 4), both))
        recorder.add(Answer("ann", item.id, 1, Outcome.OK, "", (2,), (drafted,)))
        recorder.add(Answer("ben", item.id, 1, outcome, reason, recommended, (alone,)))
        recorder.add(Answer("control:nothing", item.id, 1, Outcome.OK, "", ()))
    return path, recorder.finish()


@pytest.fixture
def stored(recorded: tuple[Path, Result], tmp_path: Path) -> Path:
    """A copy of the store of `recorded`, alone in its folder."""
    return Path(shutil.copy(recorded[0], tmp_path / "store.duckdb"))


def said(
    seat: str, model: str, key: str, cost: float | None, outcome: Outcome = Outcome.OK
) -> Turn:
    reply = Reply(outcome=outcome, text=HOSTILE, cost=cost, seconds=0.5, input_tokens=100)
    role: str = "aggregator" if seat == "aggregator" else "generator"
    reason = "" if outcome is Outcome.OK else HOSTILE
    return Turn(seat, role, model, outcome, reason, (), (Call(key, model, reply),))
