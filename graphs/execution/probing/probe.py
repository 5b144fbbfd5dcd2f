"""Probes: which model is asked what, in which role, and what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from primum.agents.judges.judge import Findings, Judge, match, review
from primum.agents.judges.panel import JudgePanel
from primum.agents.judges.schemas import Finding
from primum.agents.ledger.budget import BudgetError
from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.client import ChatClient
from primum.agents.protocols.plan import PLAN
from primum.agents.protocols.protocol import Protocol
from primum.agents.roles.record import Question
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.studies.panels import call_problems
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Caller, Turn
from primum.cases.model import Item
from primum.graphs.building.state import agents_of
from primum.graphs.execution.probing.material import Reading, draft, readings

TRIAL = 1
AskOnce = Callable[[Caller], Awaitable[Turn | None]]


@dataclass(frozen=True, slots=True)
class Probe:
    """A model to be asked in a role.

    Attributes:
        role: the name of the role.
        agent: the agent, with its own instructions and parameters.
        model: its model.
        ask: asks it once, as in a run; a reply that cannot be read is asked for again.
    """

    role: str
    agent: AgentSpec
    model: ModelSpec
    ask: AskOnce


@dataclass(frozen=True, slots=True)
class Probed:
    """What became of a probe: the agent's turn, or why it was not asked."""

    probe: Probe
    turn: Turn | None
    not_asked: str = ""

    @property
    def title(self) -> str:
        """The agent and the role, in words."""
        return f"{self.probe.agent.label} {self.probe.role}"

    @property
    def state(self) -> str:
        """The outcome, in words."""
        return self.turn.outcome.label if self.turn else "not asked"


def probes_of_panel(panel: Panel, protocol: Protocol, item: Item) -> list[Probe]:
    """Each agent of a panel's ensembles, and of its members alone, once in each of its roles.

    The roles of one model follow one another.
    An agent that has a role in several steps is asked in the one that reads most.
    """
    found: dict[tuple[str, str], tuple[int, Probe]] = {}
    for spec in (*panel.ensembles, *panel.solos()):
        agents = agents_of(spec, panel.models)
        for reading in readings(spec, protocol, item):
            if not (reading.step.agent and reading.step.role.ask):
                continue
            probe = _of_step(reading, agents[reading.step.seat], protocol, item)
            read = len(reading.material.drafts) + len(reading.material.critiques)
            key = (probe.agent.label, probe.role)
            if key not in found or found[key][0] < read:
                found[key] = (read, probe)
    models = list(panel.models)
    return sorted((p for _, p in found.values()), key=lambda p: models.index(p.agent.model))


def probes_of_judges(judges: JudgePanel, item: Item) -> list[Probe]:
    """Each matcher and each reviewer of a panel of judges, once."""
    found: dict[tuple[str, str], Probe] = {}
    for spec in judges.judges:
        judge = judges.judge_of(spec)
        for agent, ask in _asked_of(judge, item):
            key = (agent.spec.label, agent.role)
            found.setdefault(key, Probe(agent.role, agent.spec, agent.model, ask))
    return list(found.values())


async def run_probes(
    probes: Sequence[Probe],
    ledger: Ledger,
    client: ChatClient,
    on_probed: Callable[[Probed], None],
) -> list[Probed]:
    """Ask all probes at once, through a ledger; returns what became of each, in their order.

    A model whose key or endpoint is missing is not asked, and neither is one that the budget has no
    room for.
    """

    async def one(probe: Probe) -> Probed:
        call = caller(ledger, {probe.agent.model: probe.model}, client)
        probed = await _probed(probe, call)
        on_probed(probed)
        return probed

    return await asyncio.gather(*(one(probe) for probe in probes))


async def _probed(probe: Probe, call: Caller) -> Probed:
    problem = next((message for _, message in call_problems(probe.model)), "")
    if problem:
        return Probed(probe, None, problem)
    try:
        return Probed(probe, await probe.ask(call))
    except BudgetError as error:
        return Probed(probe, None, str(error))


def _of_step(reading: Reading, agent: Agent, protocol: Protocol, item: Item) -> Probe:
    role, material = reading.step.role, reading.material

    async def ask(call: Caller) -> Turn | None:
        assert role.ask
        return await role.ask(agent, Question(protocol, item.public, TRIAL, call), material)

    return Probe(role.name, agent.spec, agent.model, ask)


def _asked_of(judge: Judge, item: Item) -> Iterator[tuple[Agent, AskOnce]]:
    """A judge's agents, and how each is asked about a plan."""
    protocol = Protocol(name=PLAN.name, form=PLAN.default_form)
    text = draft(protocol, item)

    async def matched(call: Caller) -> Turn:
        return (await match(judge, item, text, call))[0]

    yield judge.matcher, matched
    if (reviewer := judge.reviewer) is None:
        return

    async def reviewed(call: Caller) -> Turn:
        found = Findings(item, text, _findings(item, text))
        return (await review(reviewer, found, judge.reader, call))[0]

    yield reviewer, reviewed


def _findings(item: Item, text: str) -> Mapping[int, Finding]:
    """A matcher's verdicts on a plan that consists of options' own texts."""
    return {
        option.id: Finding(
            option=option.id,
            verdict="full" if option.text in text else "none",
            evidence=option.text if option.text in text else "",
        )
        for option in item.case.options
    }
