"""The generator: reads a case and drafts an answer."""

from primum.agents.roles.record import Material, Question, Reads, Role, Stage
from primum.agents.roles.simulated import OptionWording, SimulatedState
from primum.agents.turns.exchange import Agent, ask
from primum.agents.turns.transcript import Turn


async def draft(agent: Agent, question: Question, _: Material) -> Turn:
    """An agent's own draft."""
    protocol, case = question.protocol, question.case
    prompt = protocol.prompt("generator", "draft", agent.spec.instructions, case)
    return await ask(agent, prompt, protocol.parser("draft", case), question.call, question.trial)


def write(state: SimulatedState, wording: OptionWording) -> str:
    """A simulated model drafts what it believes."""
    return wording.answer(state.own, "Simulated belief.")


GENERATOR = Role(
    name="generator",
    mark="G",
    stage=Stage.DRAFT,
    reads=Reads.NOTHING,
    returns="draft",
    title="drafts an answer",
    ask=draft,
    decide=lambda state: state.own,
    write=write,
)
