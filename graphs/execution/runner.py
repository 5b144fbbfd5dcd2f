"""The local executor: answers a study in this process, and yields each answer when it is done."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from langsmith import tracing_context

from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.client import ChatClient
from primum.agents.models.outcomes import Outcome
from primum.agents.roles.record import Question
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec, Kind
from primum.agents.topologies.wiring import Wiring
from primum.agents.turns.transcript import Answer, Caller, Matcher, MatcherOf, Turn
from primum.cases.model import Item, Suite
from primum.cases.part import take
from primum.graphs.baselines.controls import Control, controls_of
from primum.graphs.building.builder import build

ASKED_PER_SLOT = 4  # answers in progress for each call in flight, so that no slot is ever idle

Unit = tuple[int, Item, EnsembleSpec]
Imported = Mapping[tuple[str, int], str]
"""Answers from a file, by item and trial."""


@dataclass(frozen=True, kw_only=True)
class RunInputs:
    """What an executor needs besides the study; all of it can be pickled.

    Attributes:
        matcher_of: makes the matcher from a caller of the study's judges. Without it, answers in
            free text get no verdicts.
        imported: answers from a file, for a study that imports them.
        load_extensions: loads the study's extensions; run first in every other process.
    """

    matcher_of: MatcherOf | None = None
    imported: Imported | None = None
    load_extensions: Callable[[], None] | None = None


NO_INPUTS = RunInputs()


class Ensembles:
    """A study's ensembles, compiled once, with the caller through which they ask models."""

    def __init__(
        self,
        study: Study,
        call: Caller,
        *,
        matcher: Matcher | None = None,
        imported: Imported | None = None,
    ) -> None:
        """Without a `matcher`, answers in free text get no verdicts."""
        self._study = study
        self._call = call
        self._matcher = matcher
        self._imported = imported or {}
        self._graphs = {
            spec.name: build(spec, study.models)
            for spec in study.ensembles
            if spec.kind.asks_models
        }
        self._controls: dict[str, Control] = {}

    def prepare(self, suite: Suite) -> None:
        """Make the study's controls for a suite; call this before `answer`.

        Raises:
            DataError: control:learned cannot learn from it, or not here.
        """
        names = [spec.name for spec in self._study.ensembles if spec.kind is Kind.CONTROL]
        self._controls = controls_of(suite, names)

    async def answer(self, trial: int, item: Item, spec: EnsembleSpec) -> Answer:
        """One ensemble's answer to one item."""
        match spec.kind:
            case Kind.CONTROL:
                return self._recommended(trial, item, spec)
            case Kind.IMPORTED:
                answer = self._from_file(trial, item, spec)
            case Kind.TEAM | Kind.SOLO:
                answer = await self._asked(trial, item, spec)
        if self._matcher and answer.outcome is Outcome.OK:
            return replace(answer, judgement=await self._matcher(item, answer.text))
        return answer

    def _recommended(self, trial: int, item: Item, spec: EnsembleSpec) -> Answer:
        """A control's answer."""
        toss = f"{self._study.seed}|{item.id}|{trial}"
        chosen = self._controls[spec.name](item.case, toss)
        return Answer(spec.name, item.id, trial, Outcome.OK, "", chosen)

    def _from_file(self, trial: int, item: Item, spec: EnsembleSpec) -> Answer:
        """An answer that was imported."""
        text = self._imported[item.id, trial]
        empty = not text.strip()
        outcome, reason = (Outcome.EMPTY, "it is empty") if empty else (Outcome.OK, "")
        return Answer(spec.name, item.id, trial, outcome, reason, None, (), text)

    async def _asked(self, trial: int, item: Item, spec: EnsembleSpec) -> Answer:
        """The answer of an ensemble that asks models."""
        question = Question(self._study.protocol, item.public, trial, self._call)
        state = await self._graphs[spec.name].ainvoke({"turns": []}, context=question)
        return conclude_answer(spec, item.id, trial, state["turns"])


def units(study: Study, suite: Suite, imported: Imported | None = None) -> Iterator[Unit]:
    """Yield every (trial, item, ensemble) that a study answers, of its part of the suite.

    Ensembles vary fastest, so that ensembles that share a call ask for it at about the same time.
    """
    items = take(suite, study.part).items()
    for trial, item, spec in product(range(1, study.trials + 1), items, study.ensembles):
        if spec.kind is not Kind.IMPORTED or (item.id, trial) in (imported or {}):
            yield trial, item, spec


class Runner:
    """Answers a study in this process, through one ledger; an `Executor`."""

    def __init__(
        self,
        study: Study,
        ledger: Ledger,
        client: ChatClient | None,
        own_clients: Mapping[str, ChatClient] | None = None,
        inputs: RunInputs = NO_INPUTS,
    ) -> None:
        """Compile the study's ensembles.

        Args:
            study: what is run.
            ledger: makes the calls, each once.
            client: calls the models that have no client of their own; None only replays the ledger.
            own_clients: clients of single models, by the model's name in the panel.
            inputs: matcher and imported answers.
        """
        self._study = study
        self._ledger = ledger
        self._imported = inputs.imported
        judges = study.judge.models if study.judge else {}
        self._ensembles = Ensembles(
            study,
            caller(ledger, study.models, client, own_clients),
            matcher=inputs.matcher_of(caller(ledger, judges, client))
            if inputs.matcher_of
            else None,
            imported=inputs.imported,
        )

    @property
    def made(self) -> int:
        """Number of calls made so far."""
        return self._ledger.made

    @property
    def found(self) -> int:
        """Number of replies taken from the ledger so far."""
        return self._ledger.found

    @property
    def endpoints(self) -> dict[str, str]:
        """Calls in flight and their limit by endpoint, such as "3/16"."""
        limits = self._ledger.dispatcher.limits
        return {name: f"{gate.in_flight}/{int(gate.limit)}" for name, gate in limits.items()}

    def close(self) -> None:
        """Close the ledger."""
        self._ledger.close()

    def size(self, suite: Suite) -> int:
        """Number of answers that `run` will yield."""
        return sum(1 for _ in units(self._study, suite, self._imported))

    async def run(self, suite: Suite) -> AsyncGenerator[Answer]:
        """Yield every answer, in order of completion.

        Raises:
            DataError: the ledger is damaged or cannot be written, or a control cannot be made.
        """
        self._ensembles.prepare(suite)
        waiting = units(self._study, suite, self._imported)
        at_once = ASKED_PER_SLOT * self._ledger.concurrency
        # Bounded: the consumer may be slower than a replay of the ledger.
        done: asyncio.Queue[Answer | BaseException | None] = asyncio.Queue(at_once)

        async def work() -> None:
            for unit in waiting:  # one iterator, shared by all workers
                await done.put(await self._ensembles.answer(*unit))

        async def supervise() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(at_once):
                        group.create_task(work())
            except BaseExceptionGroup as errors:
                await done.put(errors.exceptions[0])
            await done.put(None)

        with tracing_context(enabled=False):  # LANGSMITH_TRACING would send cases away
            supervisor = asyncio.create_task(supervise())
        try:
            while (answer := await done.get()) is not None:
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            supervisor.cancel()
            await asyncio.wait([supervisor])
            await self._ledger.drain()


def conclude_answer(spec: EnsembleSpec, item: str, trial: int, turns: list[Turn]) -> Answer:
    """The answer of an ensemble from its turns on one item: the last step's grades or text.

    If the last step had too few usable turns to read, the answer's outcome is that of a failed
    step before it. A failure of a provider comes before a failure of a model: an answer that was
    not given through no fault of the models is not scored.
    """
    turns = spec.wiring.ordered(turns)
    final = next((turn for turn in turns if turn.step == spec.wiring.last.name), None)
    if final is None:
        heard = {turn.seat for turn in turns if turn.outcome is Outcome.OK}
        before = _waited_for(spec.wiring, turns)
        failed = [turn for turn in before if turn.seat not in heard]
        final = next((turn for turn in failed if not turn.outcome.is_model_failure), failed[0])
        some = "no draft" if len(failed) == len(before) else "too few drafts"
        reason = f"{some} could be used; {final.seat}: {final.reason}"
    else:
        reason = final.reason
    usable = final.outcome is Outcome.OK
    chosen = tuple(grade.option for grade in final.grades if grade.appropriate)
    return Answer(
        ensemble=spec.name,
        item=item,
        trial=trial,
        outcome=final.outcome,
        reason=reason,
        recommended=chosen if usable and final.grades else None,
        turns=tuple(turns),
        text=final.text if usable else "",
    )


def _waited_for(wiring: Wiring, turns: Sequence[Turn]) -> list[Turn]:
    """The turns that are read by steps that gave no turn."""
    said = {turn.step for turn in turns}
    wanted = {name for step in wiring.steps if step.name not in said for name in step.reads}
    return [turn for turn in turns if turn.step in wanted]
