"""An extension with a scripted chat client, which notes down everything that it is given.

Variables set its version (ACME), its client's (ACME_CLIENT), the file of the notes (ACME_LOG), and
the folder of its prompt files (ACME_PROMPTS).
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from primum.extend import (
    Agent,
    AgentSpec,
    ClientRecord,
    Credentials,
    EnsembleSpec,
    Extension,
    GraphInput,
    LangGraphEnsemble,
    Match,
    MatcherRecord,
    Material,
    Outcome,
    Question,
    Reads,
    Reply,
    Request,
    Role,
    Stage,
    Step,
    Turn,
    Wiring,
    ask,
)


def note(*said: object) -> None:
    """Add a line to the notes."""
    with Path(os.environ["ACME_LOG"]).open("a", encoding="utf-8") as file:
        file.write(f"{said!r}\n")


class Acme:
    """A model that finds every option due; acme/mute is out of order."""

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        note("request", request)
        if request.model == "acme/mute":
            return Reply(outcome=Outcome.REFUSAL, reason="I would rather not")
        user = request.messages[1].content
        if "<menu>" not in user:
            return Reply(outcome=Outcome.OK, text="1. Order test A\n2. Start drug B")
        rows = user.split("<menu>\n")[1].split("\n</menu>")[0].splitlines()
        grades = [
            f'{{"Option": {row.split(":")[0]}, "GradeAI": "Appropriate", "Rationale": "due"}}'
            for row in rows
        ]
        return Reply(outcome=Outcome.OK, text=f"[{', '.join(grades)}]")


class Watched(LangGraphEnsemble):
    """A graph that notes what it is invoked with, and asks its agents one after the other."""

    description: ClassVar[str] = "agents one after the other"

    graph: Literal["watched"] = "watched"

    def compiled(self) -> Any:
        """Whatever has `ainvoke`."""
        return self

    async def ainvoke(self, state: dict[str, GraphInput]) -> dict[str, Any]:
        """The last agent's reply."""
        question = state["question"]
        note("graph", question.item, question.item.model_dump(), question.protocol)
        replies = [
            await question.call(seat, question.messages("generator")) for seat in self.agents
        ]
        return {"answer": replies[-1]}


async def bear(agent: Agent, question: Question, material: Material) -> Turn | None:
    """Note what a role is given, and ask as a generator is asked."""
    note("role", question.case, question.case.model_dump(), material)
    prompt = question.protocol.prompt("generator", "draft", "", question.case)
    parser = question.protocol.parser("draft", question.case)
    return await ask(agent, prompt, parser, question.call, question.trial)


WITNESS = Role(
    name="witness",
    mark="W",
    stage=Stage.DRAFT,
    reads=Reads.NOTHING,
    returns="draft",
    title="notes what it is given",
    ask=bear,
)


class Witnessed(EnsembleSpec):
    """One witness."""

    description: ClassVar[str] = "one witness"

    graph: Literal["witnessed"] = "witnessed"
    witness: AgentSpec

    def wire(self) -> Wiring:
        """START -> witness -> END."""
        return Wiring((Step("witness", "witness", WITNESS, self.witness, field="witness"),))


def match(options: Sequence[tuple[int, str, str]], text: str) -> list[Match]:
    """Note what a matcher is given; nothing is found."""
    note("matcher", options, text)
    return []


EXTENSION = Extension(
    name="acme",
    version=os.environ.get("ACME", "1"),
    graphs=(Watched, Witnessed),
    roles=(WITNESS,),
    prompts=Path(os.environ["ACME_PROMPTS"]) if "ACME_PROMPTS" in os.environ else None,
    matchers=(MatcherRecord(name="noting", version="1", notice="not at all.", match=match),),
    clients=(ClientRecord("acme/", make=Acme, version=os.environ.get("ACME_CLIENT", "1")),),
)
