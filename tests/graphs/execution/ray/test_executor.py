"""graphs/execution/ray/: a cluster gives the answers of one process, for the same calls."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from primum.agents.ledger.budget import Budget, BudgetError
from primum.agents.ledger.ledger import Ledger
from primum.agents.protocols.protocol import Protocol
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.specs.model import AgentSpec, ModelSpec, Price
from primum.agents.studies.clients import ModelClient
from primum.agents.studies.panel import Panel
from primum.agents.studies.panels import load_panel
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.load import load_suite
from primum.cases.model import Suite
from primum.commands.shared.extensions import load_modules
from primum.core.errors import DataError
from primum.evaluation.matching.matchers import matcher_of
from primum.evaluation.matching.registry import LEXICAL
from primum.graphs.execution.executor import Executor
from primum.graphs.execution.ray.cluster import join, load_ray
from primum.graphs.execution.ray.executor import Cluster, ClusterExecutor
from primum.graphs.execution.runner import RunInputs, Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study

WORKERS = 4
needs_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason='needs Ray: pip install "primum[ray]"'
)

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A cluster of this machine, which the module's tests share."""
    loaded = load_ray()
    join(loaded, None, WORKERS)
    yield loaded
    loaded.shutdown()


def plan(suite: Suite, url: str, **chosen: Any) -> Study:
    """A team of two models that the server at a URL answers for, and both alone."""
    models = {
        name: ModelSpec(id=f"openai/{name}", family="gpt", access="open", api_base=url)
        for name in ("oak", "elm")
    }
    duo = ensemble_of(
        name="duo",
        graph="panel",
        generators=(AgentSpec(model="oak"), AgentSpec(model="elm")),
        critics=(AgentSpec(model="elm"),),
        aggregator=AgentSpec(model="oak"),
    )
    return plan_study(
        suite, Panel(name="wood", models=models, ensembles=(duo,)), "-", StudySettings(**chosen)
    )


CALLS_A_TASK = 2 + 2 + 1  # of that team: drafts, critiques, one last word; alone they cost nothing


async def all_of(executor: Executor, suite: Suite) -> Counter[tuple[Any, ...]]:
    """What was answered; how often, if ever an answer came twice."""
    found: Counter[tuple[Any, ...]] = Counter()
    async with asyncio.timeout(300), aclosing(executor.run(suite)) as answers:
        async for answer in answers:
            found[said(answer)] += 1
    executor.close()
    assert found.total() == executor.size(suite)
    return found


def said(a: Answer) -> tuple[Any, ...]:
    return (
        a.ensemble,
        a.item,
        a.trial,
        a.outcome,
        a.recommended,
        a.text,
        a.judgement and a.judgement.verdicts,
    )


def on_record(path: Path) -> int:
    ledger = Ledger(path)
    count = sum(1 for _ in ledger.record.entries())
    ledger.close()
    return count


def prompts(server: Any) -> Counter[str]:
    """How often each prompt came; every trial of a model asks for the very same."""
    return Counter(json.dumps(body, sort_keys=True) for body in server.bodies)


def processes(title: str) -> list[int]:
    """The processes of that title which this one's own Ray started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "cmdline").read_bytes().decode()
            raylet = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            parent = Path(f"/proc/{raylet}/stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if name.startswith(title) and int(parent) == os.getpid():
            found.append(int(folder.name))
    return found


def test_without_ray_one_line_says_what_to_install(
    tiny_suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(DataError, match=r'pip install "primum\[ray\]"'):
        ClusterExecutor(plan(tiny_suite, "http://nowhere"), partial(Ledger, None), ModelClient())


@needs_ray
@pytest.mark.parametrize("address", ["127.0.0.1:9", "nowhere", "ray://127.0.0.1:9"])
def test_a_cluster_that_is_not_there_is_one_line(address: str) -> None:
    with pytest.raises(DataError, match=f"--address {address}: no Ray cluster: "):
        join(load_ray(), address, None)


@needs_ray
@pytest.mark.usefixtures("ray")
async def test_the_embedded_suite_has_the_same_answers_on_a_cluster(tmp_path: Path) -> None:
    suite, simulated_models = load_suite("demo"), SimulatedModels()
    study = plan_study(suite, load_panel("simulated"), simulated_models.register(suite))
    client = ModelClient(simulated_models)
    spread = ClusterExecutor(
        study, partial(Ledger, tmp_path / "b"), client, cluster=Cluster(workers=WORKERS)
    )
    there = await all_of(spread, suite)
    here = Runner(study, Ledger(tmp_path / "a"), client)
    assert there == await all_of(here, suite)
    assert spread.made == here.made == on_record(tmp_path / "a") == on_record(tmp_path / "b")


@needs_ray
@pytest.mark.usefixtures("ray")
async def test_plans_are_matched_by_the_workers(
    tiny_suite: Suite, chat_server: Any, tmp_path: Path
) -> None:
    docile = chat_server.respond

    def respond(body: dict[str, Any], count: int) -> Any:
        menu = {**body, "messages": [{"content": ""}, {"content": "<menu></menu>"}]}
        status, answer, headers = docile(menu, count)
        answer["choices"][0]["message"]["content"] = f"1. Order test A. ({body['model']})"
        return status, answer, headers

    chat_server.respond = respond
    protocol = Protocol(name="plan", form="concise")
    study = plan(tiny_suite, chat_server.url, protocol=protocol, matcher=LEXICAL.label)
    client, maker = ModelClient(), matcher_of(study)
    spread = ClusterExecutor(
        study,
        partial(Ledger, tmp_path / "b"),
        client,
        RunInputs(matcher_of=maker),
        Cluster(workers=2),
    )
    there = await all_of(spread, tiny_suite)
    assert set(prompts(chat_server).values()) == {1}
    assert len(chat_server.bodies) == spread.made == CALLS_A_TASK * 3
    here = Runner(study, Ledger(tmp_path / "a"), client, inputs=RunInputs(matcher_of=maker))
    assert there == await all_of(here, tiny_suite)
    assert all(verdicts for ensemble, *_, verdicts in there if not ensemble.startswith("control:"))


@needs_ray
@pytest.mark.usefixtures("ray")
async def test_a_budget_holds_for_the_whole_cluster_and_more_goes_on(
    tiny_suite: Suite, chat_server: Any, tmp_path: Path
) -> None:
    each, whole = 50 * 20.0 / 1e6, CALLS_A_TASK * 3 * 2  # every reply of the server's has 50 tokens
    terms = {
        "price": Price(input_per_million=0.0, output_per_million=20.0),
        "params": {"max_tokens": 50},
    }
    study = plan(tiny_suite, chat_server.url, trials=2)
    models = {name: model.model_copy(update=terms) for name, model in study.models.items()}
    study = study.model_copy(update={"models": models})

    def spread(calls: float) -> ClusterExecutor:
        ledger_of = partial(Ledger, tmp_path / "b", 2, budget=Budget(calls * each, {}))
        return ClusterExecutor(study, ledger_of, ModelClient(), cluster=Cluster(workers=2))

    with pytest.raises(BudgetError, match="no more is asked") as raised:
        await all_of(spread(7.5), tiny_suite)
    assert raised.value.exit_code == 4
    asked = len(chat_server.bodies)
    assert asked == on_record(tmp_path / "b") == 7
    more = spread(whole + 0.5)
    await all_of(more, tiny_suite)
    assert (more.made, len(chat_server.bodies)) == (whole - asked, whole)
    assert set(prompts(chat_server).values()) == {2}  # one for each trial


@needs_ray
@pytest.mark.usefixtures("ray")
async def test_a_killed_worker_costs_no_answer_and_no_call(
    tiny_suite: Suite, chat_server: Any, tmp_path: Path
) -> None:
    chat_server.seconds = 0.2
    trials = 8
    study = plan(tiny_suite, chat_server.url, trials=trials)
    spread = ClusterExecutor(
        study, partial(Ledger, tmp_path / "b", 8), ModelClient(), cluster=Cluster(workers=2)
    )
    going = asyncio.create_task(all_of(spread, tiny_suite))
    while len(chat_server.bodies) < 30:
        await asyncio.sleep(0.02)
        assert not going.done(), going.exception()
    victims = processes("ray::Worker")
    assert len(victims) == 2
    os.kill(victims[0], signal.SIGKILL)
    there = await going
    made = CALLS_A_TASK * 3 * trials
    assert len(chat_server.bodies) == spread.made == on_record(tmp_path / "b") == made
    assert set(prompts(chat_server).values()) == {trials}
    chat_server.seconds = 0.0
    here = Runner(study, Ledger(tmp_path / "a"), ModelClient())
    assert there == await all_of(here, tiny_suite)


@needs_ray
@pytest.mark.usefixtures("ray")
async def test_a_run_ends_with_one_line_where_the_ledger_s_process_dies(
    tiny_suite: Suite, chat_server: Any, tmp_path: Path
) -> None:
    chat_server.seconds = 0.2
    study = plan(tiny_suite, chat_server.url, trials=12)
    spread = ClusterExecutor(
        study, partial(Ledger, tmp_path / "b", 4), ModelClient(), cluster=Cluster(workers=1)
    )
    going = asyncio.create_task(all_of(spread, tiny_suite))
    while len(chat_server.bodies) < 8:
        await asyncio.sleep(0.02)
        assert not going.done(), going.exception()
    (victim,) = processes("ray::LedgerActor")
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(DataError, match="owns the ledger is gone") as raised:
        await going
    assert len(str(raised.value).splitlines()) == 1


@needs_ray
@pytest.mark.usefixtures("ray")
async def test_what_the_ledger_cannot_do_is_said_as_in_one_process(
    tiny_suite: Suite, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    study = plan(tiny_suite, "http://127.0.0.1:9")
    spread = ClusterExecutor(study, partial(Ledger, tmp_path / "folder"), ModelClient())
    with pytest.raises(DataError, match="ledger cannot be opened"):
        await all_of(spread, tiny_suite)


EXTENSION = Path(__file__).parents[4] / "examples" / "extension"
EXTENDED = """
models:
  oak: {id: sim/aspen-large, family: sim-aspen, access: open}
  elm: {id: sim/birch-large, family: sim-birch, access: open}
ensembles:
  - {name: checked, graph: audited, generators: [{model: oak}], auditors: [{model: elm}],
     aggregator: {model: oak}}
"""


@needs_ray
def test_a_study_with_an_extension_has_the_same_answers_on_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "panel.yaml").write_text(EXTENDED.replace("\nmodels", "name: extended\nmodels", 1))

    def answers(workspace: str, *options: str) -> Any:
        command = [sys.executable, "-m", "primum.cli", "--extension", "primum_example", "run"]
        command += ["--suite", "demo", "--panel", str(tmp_path / "panel.yaml"), "--json"]
        command += ["--protocol", "plan", "--matcher", "exact"]
        command += ["--workspace", str(tmp_path / workspace), *options]
        environment = {**os.environ, "PYTHONPATH": str(EXTENSION)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        return {key: value for key, value in result.items() if key not in {"started", "seconds"}}

    assert answers("a", "--executor", "ray", "--workers", "1") == answers("b")


@needs_ray
@pytest.mark.usefixtures("ray")
async def test_an_extension_that_a_cluster_lacks_is_one_line(
    tiny_suite: Suite, tmp_path: Path
) -> None:
    study = plan(tiny_suite, "http://127.0.0.1:9")
    inputs = RunInputs(load_extensions=partial(load_modules, ("no_such_extension",)))
    spread = ClusterExecutor(study, partial(Ledger, tmp_path / "b"), ModelClient(), inputs)
    with pytest.raises(DataError, match="--extension no_such_extension cannot be imported"):
        await all_of(spread, tiny_suite)


INTERRUPTED = """
import asyncio, sys
from contextlib import aclosing, closing
from functools import partial
from pathlib import Path
from primum.agents.ledger.ledger import Ledger
from primum.agents.studies.clients import ModelClient
from primum.agents.studies.study import Study
from primum.cases.load import load_suite
from primum.graphs.execution.ray.executor import Cluster, ClusterExecutor

path, suite, study = sys.argv[1:]
made_of = Study.model_validate_json(study, strict=False)
spread = ClusterExecutor(made_of, partial(Ledger, Path(path), 4), ModelClient(), cluster=Cluster(workers=1))

async def main():
    async with aclosing(spread.run(load_suite(suite))) as answers:
        async for answer in answers:
            pass

with closing(spread):
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print(spread.made)
"""


@needs_ray
def test_an_interrupted_run_waits_for_its_calls_and_leaves_no_process(
    tiny_suite: Suite, chat_server: Any, tmp_path: Path
) -> None:
    from primum.cases.load import save_suite

    chat_server.seconds = 0.3
    save_suite(tiny_suite, tmp_path / "tiny.jsonl", "native")
    study = plan(tiny_suite, chat_server.url, trials=50).model_dump_json()
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, tmp_path / "b", tmp_path / "tiny.jsonl", study],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while len(chat_server.bodies) < 8:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    asked = len(chat_server.bodies)
    assert int(out) == on_record(tmp_path / "b") == asked
    time.sleep(0.5)
    assert len(chat_server.bodies) == asked
