"""graphs/execution/runner.py: a suite through a study's ensembles, each question once."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import ChatClient, Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Case, Consult, Group, SpecialistConsult, Suite
from primum.core.errors import DataError
from primum.graphs.execution.runner import ASKED_PER_SLOT, RunInputs, Runner
from primum.graphs.execution.study_builder import (
    ImportedPlans,
    StudySettings,
    plan_import,
    plan_study,
)

Scripted = Callable[[Callable[[Request], Reply]], ChatClient]
CONTROLS = "nothing everything coin inaction key".split()
HASTY = AgentSpec(model="oak", instructions="Be brief.", params={"temperature": 1})
MODELS = {
    name: ModelSpec(id=f"x/{name}", family="gpt", access="open") for name in ("oak", "elm", "ash")
}
DUO = ensemble_of(
    name="duo",
    graph="panel",
    generators=(HASTY, AgentSpec(model="elm")),
    critics=(AgentSpec(model="ash"),),
    aggregator=AgentSpec(model="elm"),
)
WOOD = Panel(name="wood", models=MODELS, ensembles=(DUO,))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite", concurrency=2)
    yield opened
    opened.close()


@pytest.fixture
def signed(approving: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """Approves of everything, each model in words of its own."""

    def reply(request: Request) -> Reply:
        text = approving(request).text.replace("Why not.", f"As {request.model[-3:]} holds.")
        return Reply(outcome=Outcome.OK, text=text)

    return reply


def runner(suite: Suite, ledger: Ledger, client: ChatClient, **chosen: Any) -> Runner:
    return Runner(plan_study(suite, WOOD, "revision", StudySettings(**chosen)), ledger, client)


async def answers(made: Runner, suite: Suite) -> list[Answer]:
    async with asyncio.timeout(20):
        return [answer async for answer in made.run(suite)]


async def test_every_ensemble_answers_every_task_in_every_trial_once(
    tiny_suite: Suite, ledger: Ledger, scripted: Scripted, signed: Callable[[Request], Reply]
) -> None:
    made = runner(tiny_suite, ledger, scripted(signed), trials=2)
    found = await answers(made, tiny_suite)
    assert made.size(tiny_suite) == len(found)
    ensembles = ("duo", HASTY.label, "elm", "ash", *(f"control:{name}" for name in CONTROLS))
    assert Counter((a.ensemble, a.item, a.trial) for a in found) == Counter(
        (ensemble, item, trial)
        for ensemble in ensembles
        for item in ("CardTiny1", "CardTiny1-0", "EndoTiny1")
        for trial in (1, 2)
    )
    assert {a.outcome for a in found} == {Outcome.OK}
    by_control = {a.ensemble: a.recommended for a in found if a.item == "EndoTiny1"}
    assert by_control["control:key"] == (2, 3, 4, 5)
    assert by_control["control:nothing"] == ()


async def test_solos_beside_the_panel_cost_no_call_more(
    tiny_suite: Suite, ledger: Ledger, scripted: Scripted, signed: Callable[[Request], Reply]
) -> None:
    asked: list[Request] = []

    def reply(request: Request) -> Reply:
        asked.append(request)
        return signed(request)

    found = await answers(runner(tiny_suite, ledger, scripted(reply), trials=2), tiny_suite)
    prompts = Counter(request.model_dump_json() for request in asked)
    assert set(prompts.values()) == {1}
    # Two drafts, two critiques, one last word, and the critic's model alone: 3 items, 2 trials.
    assert len(prompts) == (2 + 2 + 1 + 1) * 3 * 2
    assert ledger.made == len(asked)
    used = {call.key for answer in found for turn in answer.turns for call in turn.calls}
    assert used == {request.key for request in asked}
    by_place = {(a.ensemble, a.item, a.trial): a for a in found}
    for answer in (a for a in found if a.ensemble == "duo"):
        drafts = {turn.seat: turn.calls for turn in answer.turns}
        for seat, solo in (("generator-1", HASTY.label), ("generator-2", "elm")):
            (alone,) = by_place[solo, answer.item, answer.trial].turns
            assert alone.calls == drafts[seat]


async def test_a_second_run_finds_every_answer_on_record(
    tiny_suite: Suite, ledger: Ledger, scripted: Scripted, signed: Callable[[Request], Reply]
) -> None:
    def refuse_to_be_asked(request: Request) -> Reply:
        raise AssertionError(request.model)

    first = await answers(runner(tiny_suite, ledger, scripted(signed)), tiny_suite)
    made = ledger.made
    again = runner(tiny_suite, ledger, scripted(refuse_to_be_asked))
    second = await answers(again, tiny_suite)
    assert ledger.made == made
    assert {(a.ensemble, a.item): a.recommended for a in first} == {
        (a.ensemble, a.item): a.recommended for a in second
    }


class File(dict[tuple[str, int], str]):
    """Answers from a file, of which it is counted how many were read."""

    read = 0

    def __getitem__(self, place: tuple[str, int]) -> str:
        self.read += 1
        return super().__getitem__(place)


async def test_answers_are_not_worked_out_before_those_at_hand_are_taken(
    tiny_suite: Suite, ledger: Ledger
) -> None:
    trials = 200
    plans = ImportedPlans(name="file", text="?", trials=trials)
    study = plan_import(tiny_suite, plans, "lexical/1")
    file = File({(t.id, n + 1): "A plan." for t in tiny_suite.items() for n in range(trials)})
    taken = 0
    async with aclosing(
        Runner(study, ledger, None, inputs=RunInputs(imported=file)).run(tiny_suite)
    ) as found:
        async for _ in found:
            taken += 1
            if taken == 100:
                for _ in range(1000):
                    await asyncio.sleep(0)
                assert file.read <= taken + 2 * ASKED_PER_SLOT * ledger.concurrency
    assert taken == file.read == len(file)


def annotated(suite: Suite, word: str, shift: int) -> Suite:
    """The suite under other annotations everywhere that a case has room for them."""

    def of_case(case: Case) -> Case:
        words = {name: f"{word}-{name}" for name in ("reason", "guideline", "abstraction")}
        marks = {"abstraction_type": "harm", "best_in_group": True, "depends_on": None}
        options = tuple(
            o.model_copy(update={"score": (o.score + shift) % 9 + 1, **words, **marks})
            for o in case.options
        )
        plan = case.case.model_copy(update={"recommendations": f"{word}-plan"})
        consults = (Consult(specialty=f"{word}-specialty", option_id=2),)
        return case.model_copy(
            update={
                "options": options,
                "case": plan,
                "abstraction_groups": (Group(name=f"{word}-group"),),
                "specialist_consult": SpecialistConsult(consults=consults),
            }
        )

    variants = tuple(
        v.model_copy(
            update={"metadata": v.metadata.model_copy(update={"category": f"{word}-edit"})}
        )
        for v in suite.variants
    )
    cases = tuple(of_case(case) for case in suite.cases)
    return suite.model_copy(update={"cases": cases, "variants": variants})


async def test_no_annotation_is_in_any_request(
    tiny_suite: Suite, tmp_path: Path, scripted: Scripted, signed: Callable[[Request], Reply]
) -> None:
    asked: list[list[str]] = []
    for number, word in enumerate(("zebra", "gnu")):
        seen: list[str] = []
        suite = annotated(tiny_suite, word, 4 * number)

        def reply(request: Request, seen: list[str] = seen) -> Reply:
            seen.append(request.model_dump_json())
            return signed(request)

        own = Ledger(tmp_path / f"{word}.sqlite")
        await answers(runner(suite, own, scripted(reply)), suite)
        own.close()
        asked.append(sorted(seen))
    assert len(asked[0]) == 18
    assert not [text for text in asked[0] + asked[1] if "zebra" in text or "gnu" in text]
    # Whatever the scores, the very same requests.
    assert asked[0] == asked[1]
    assert all(name not in json.loads(text) for text in asked[0] for name in ("score", "options"))


async def test_answers_come_while_others_are_still_waited_for(
    tiny_suite: Suite, ledger: Ledger, signed: Callable[[Request], Reply]
) -> None:
    release = asyncio.Event()

    class Slow:
        async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
            if "gland" in request.messages[1].content:
                await release.wait()
            return signed(request)

    made = runner(tiny_suite, ledger, Slow(), names=["elm"])
    async with asyncio.timeout(10):
        run = made.run(tiny_suite)
        early = {(await anext(run)).item, (await anext(run)).item}
        release.set()
        late = [answer.item async for answer in run]
    assert early == {"CardTiny1", "CardTiny1-0"}
    assert late == ["EndoTiny1"]


async def test_a_client_that_raises_ends_the_run_with_its_error(
    tiny_suite: Suite, ledger: Ledger, scripted: Scripted, signed: Callable[[Request], Reply]
) -> None:
    def reply(request: Request) -> Reply:
        if "gland" in request.messages[1].content:
            raise RuntimeError("it broke the contract")
        return signed(request)

    with pytest.raises(RuntimeError, match="it broke the contract"):
        await answers(runner(tiny_suite, ledger, scripted(reply)), tiny_suite)


async def test_a_damaged_record_ends_the_run_as_a_data_error(
    tiny_suite: Suite, ledger: Ledger, scripted: Scripted, signed: Callable[[Request], Reply]
) -> None:
    await answers(runner(tiny_suite, ledger, scripted(signed)), tiny_suite)
    assert ledger.path is not None
    other = sqlite3.connect(ledger.path)
    other.execute("update calls set reply = replace(reply, 'Appropriate', 'Inappropriate')")
    other.commit()
    again = Ledger(ledger.path)
    with pytest.raises(DataError, match="damaged"):
        await answers(runner(tiny_suite, again, scripted(signed)), tiny_suite)


async def test_a_run_that_is_left_makes_no_further_call(
    tiny_suite: Suite, ledger: Ledger, signed: Callable[[Request], Reply]
) -> None:
    asked: list[Request] = []

    class Slow:
        async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
            asked.append(request)
            await asyncio.sleep(0.005)
            return signed(request)

    run = runner(tiny_suite, ledger, Slow(), trials=5).run(tiny_suite)
    async for answer in run:
        if not answer.ensemble.startswith("control:"):
            break
    await run.aclose()
    so_far = len(asked)
    await asyncio.sleep(0.1)
    assert len(asked) == so_far


async def test_controls_alone_need_no_client(tiny_suite: Suite, ledger: Ledger) -> None:
    study = plan_study(tiny_suite, WOOD, "revision", StudySettings(names=["control:everything"]))
    found = await answers(Runner(study, ledger, None), tiny_suite)
    assert [a.recommended for a in found] == [(1, 2, 3, 4, 5, 6, 7)] * 3
    assert ledger.made == 0


TRACED = """
import asyncio, sys
from pathlib import Path
from langchain_core.language_models import FakeListChatModel
from langchain_core.tracers.langchain import wait_for_all_tracers
from primum.agents.models.langchain_client import LangChainClient
from primum.agents.ledger.ledger import Ledger
from primum.agents.studies.panels import load_panel
from primum.cases.load import load_suite
from primum.graphs.execution.study_builder import StudySettings, plan_study
from primum.graphs.execution.runner import Runner

async def main():
    suite = load_suite("demo")
    study = plan_study(suite, load_panel("simulated"), "revision", StudySettings(names=["trio"]))
    client = LangChainClient(FakeListChatModel(responses=["no JSON"]))
    ledger = Ledger(Path(sys.argv[1]))
    async for answer in Runner(study, ledger, client).run(suite):
        print(answer.item)

asyncio.run(main())
wait_for_all_tracers()
"""


def test_no_case_leaves_the_machine_with_tracing_in_the_environment(
    tmp_path: Path, chat_server: Any
) -> None:
    tracing = {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": "lsv2_key",
        "LANGSMITH_ENDPOINT": chat_server.url,
    }
    found = subprocess.run(
        [sys.executable, "-c", TRACED, str(tmp_path / "ledger.sqlite")],
        env={**os.environ, **tracing},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(found.stdout.splitlines()) >= 100
    assert chat_server.paths == []
