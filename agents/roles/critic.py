"""The critic: reads one draft and says what it would change in it."""

import numpy as np

from primum.agents.roles.record import Material, Question, Reads, Role, Stage
from primum.agents.roles.review import review
from primum.agents.roles.simulated import Critique, OptionWording, SimulatedState
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import Turn


async def criticise(agent: Agent, question: Question, material: Material) -> Turn | None:
    """An agent's objections to a draft."""
    return await review(agent, "critic", "objections", question, material)


def write(state: SimulatedState, wording: OptionWording) -> str:
    """A simulated model lists the options about which it believes otherwise."""
    differs = np.not_equal(state.own, state.drafts[-1])
    return wording.changes(Critique(state.own, differs), "Simulated objection.")


CRITIC = Role(
    name="critic",
    mark="C",
    stage=Stage.REVIEW,
    reads=Reads.ONE,
    returns="objections",
    title="says what it would change in a draft",
    ask=criticise,
    decide=lambda state: state.own,
    write=write,
)
