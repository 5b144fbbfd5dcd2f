"""graphs/baselines/text_classifier.py: a control that learns from the scores of a suite's other cases."""

import asyncio
import json
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from primum.agents.ledger.ledger import Ledger
from primum.agents.studies.panels import load_panel
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.cases.load import load_suite
from primum.cases.model import Case, Suite
from primum.core.errors import DataError
from primum.graphs.baselines.controls import LEARNED, controls_of
from primum.graphs.execution.ray.actors import Job, Worker, WorkerNeeds
from primum.graphs.execution.runner import RunInputs, Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study

needs_sklearn = pytest.mark.skipif(
    find_spec("sklearn") is None, reason='needs scikit-learn: pip install "primum[learned]"'
)
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def demo() -> Suite:
    """Six cases of the embedded suite, with their variants."""
    whole = load_suite("demo")
    cases = whole.cases[:6]
    ids = {case.id for case in cases}
    variants = tuple(v for v in whole.variants if v.metadata.base_id in ids)
    return whole.model_copy(update={"cases": cases, "variants": variants})


def answers(suite: Suite) -> dict[str, tuple[int, ...]]:
    control = controls_of(suite, [LEARNED])[LEARNED]
    return {case.id: control(case, "any toss") for case in suite.cases}


def rescored(case: Case) -> Case:
    """The case with every option's score mirrored at 5."""
    options = tuple(o.model_copy(update={"score": 10 - o.score}) for o in case.options)
    return case.model_copy(update={"options": options})


def with_case(suite: Suite, place: int, case: Case) -> Suite:
    cases = (*suite.cases[:place], case, *suite.cases[place + 1 :])
    return suite.model_copy(update={"cases": cases})


@needs_sklearn
def test_what_it_says_of_a_case_rests_on_the_scores_of_the_others_alone(demo: Suite) -> None:
    found = answers(demo)
    assert answers(demo) == found  # nothing is drawn at random
    changed = answers(with_case(demo, 3, rescored(demo.cases[3])))
    assert changed[demo.cases[3].id] == found[demo.cases[3].id]
    assert changed != found


@needs_sklearn
def test_it_finds_more_of_what_is_due_than_of_what_is_not(demo: Suite) -> None:
    found = answers(demo)
    shares = {}
    for due in (True, False):
        own = [
            option.id in found[case.id]
            for case in demo.cases
            for option in case.options
            if (option.score >= 7) == due
        ]
        shares[due] = sum(own) / len(own)
    assert 0 < shares[False] < shares[True] < 1


@needs_sklearn
def test_every_letter_of_a_case_gets_the_same_here_and_on_a_cluster(demo: Suite) -> None:
    # Simulated models need a simulated_models; a study of controls asks no model.
    study = plan_study(demo, load_panel("simulated"), "-", StudySettings(names=[LEARNED]))
    assert [spec.name for spec in study.ensembles] == [LEARNED]
    assert not study.simulated

    async def here(study: Study) -> dict[str, tuple[int, ...] | None]:
        runner = Runner(study, Ledger(None), None)
        return {answer.item: answer.recommended async for answer in runner.run(demo)}

    async def on_a_worker(study: Study) -> dict[str, tuple[int, ...] | None]:
        async def job() -> Job:
            return Job(study, demo, RunInputs())

        keys = [(1, item.id, LEARNED) for item in demo.items()]
        given = await Worker().answer(WorkerNeeds(None, job(), None), keys)
        return {answer.item: answer.recommended for answer in given}

    found = asyncio.run(here(study))
    assert found == asyncio.run(on_a_worker(study))
    by_case = answers(demo)
    assert {item.id: by_case[item.case.id] for item in demo.items()} == found


@needs_sklearn
def test_a_suite_that_teaches_nothing_is_refused(demo: Suite) -> None:
    one = demo.model_copy(update={"cases": demo.cases[:1], "variants": ()})
    with pytest.raises(DataError, match=rf"{demo.cases[0].id} is the suite's only one"):
        plan_study(one, load_panel("simulated"), "-", StudySettings(names=[LEARNED]))
    first = demo.cases[1]
    low = tuple(o.model_copy(update={"score": min(o.score, 6)}) for o in first.options)
    cases = (demo.cases[0], first.model_copy(update={"options": low}))
    two = demo.model_copy(update={"cases": cases, "variants": ()})
    with pytest.raises(DataError, match=rf"other than {cases[0].id} are on one side of score 7"):
        controls_of(two, [LEARNED])


@needs_sklearn
def test_it_is_in_a_study_only_where_it_is_named(demo: Suite) -> None:
    panel = load_panel("simulated").model_copy(
        update={"ensembles": (ensemble_of(name="solo", graph="solo", generators=("birch-large",)),)}
    )

    def names(*picked: str, against: str | None = None) -> set[str]:
        study = plan_study(demo, panel, "-", StudySettings(names=picked, against=against))
        return {spec.name for spec in study.ensembles}

    assert LEARNED not in names()
    assert names(against=LEARNED) == {*names(), LEARNED}
    assert names("control:key", against=LEARNED) == {"control:key", LEARNED}


def test_without_scikit_learn_one_line_says_so(primum: Command, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sklearn.py").write_text("raise ImportError")
    run = ("run", "--ensemble", LEARNED, "--workspace", tmp_path / "ws")
    done = primum(*run, PYTHONPATH=str(hidden))
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith('scikit-learn is missing: pip install "primum[learned]"')
    assert not (tmp_path / "ws").exists()  # nothing was begun


@needs_sklearn
def test_on_published_cases_it_beats_the_controls_that_know_nothing(
    primum: Command, tmp_path: Path, mast_open: Path
) -> None:
    names = (LEARNED, "control:everything", "control:nothing")
    picked = [part for name in names for part in ("--ensemble", name)]
    done = primum("run", "--suite", mast_open, *picked, "--workspace", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    figures = {e["name"]: e["metrics"] for e in json.loads(done.stdout)["ensembles"]}
    f1 = [figures[name]["F1_weighted"]["mean"] for name in names]
    assert f1[0] > f1[1] > f1[2] == 0
    assert (
        figures[LEARNED]["Severe_rate"]["mean"] < figures["control:nothing"]["Severe_rate"]["mean"]
    )
