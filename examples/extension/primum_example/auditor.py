"""A role: the auditor looks for what a draft leaves out, and asks for it."""

import numpy as np

from primum.extend import (
    Agent,
    Critique,
    Material,
    OptionWording,
    Question,
    Reads,
    Role,
    SimulatedState,
    Stage,
    Turn,
    ask,
    show_draft,
)


async def audit(agent: Agent, question: Question, material: Material) -> Turn | None:
    """What an agent finds missing in a draft; None where there is no draft."""
    if not material.drafts:
        return None
    protocol, case = question.protocol, question.case
    shown = show_draft(material.drafts[-1], protocol)
    prompt = protocol.prompt("auditor", "objections", agent.spec.instructions, case, draft=shown)
    parser = protocol.parser("objections", case)
    return await ask(agent, prompt, parser, question.call, question.trial)


def missing(state: SimulatedState) -> Critique:
    """A simulated model asks for what it believes in and does not find in the draft."""
    return Critique(state.own, state.own & np.logical_not(state.drafts[-1]))


def write(state: SimulatedState, wording: OptionWording) -> str:
    """What is missing, in the protocol's wording."""
    return wording.changes(missing(state), "Simulated omission.")


AUDITOR = Role(
    name="auditor",
    mark="Q",
    stage=Stage.REVIEW,
    reads=Reads.ONE,
    returns="objections",
    title="asks for what a draft leaves out",
    ask=audit,
    decide=lambda state: state.own | state.drafts[-1],
    write=write,
)
