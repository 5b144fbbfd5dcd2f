"""Extensions of which one thing is wrong: that which the variable BROKEN names."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from primum.extend import (
    CRITIC,
    GENERATOR,
    HARMS_PER_CASE,
    Agent,
    AgentSpec,
    AnswerMetric,
    ClientRecord,
    Definition,
    EnsembleSpec,
    Extension,
    GraphInput,
    LangGraphEnsemble,
    Match,
    MatcherRecord,
    Question,
    Reads,
    Role,
    Stage,
    Step,
    Wiring,
    ask,
)
from primum.prompts.render import template

BROKEN = os.environ.get("BROKEN", "")


async def raising(*_: Any) -> Any:
    raise RuntimeError("out of order")


async def asks(agent: Agent, question: Question, _: Any) -> Any:
    prompt = question.protocol.prompt("odd", "draft", "", question.case)
    parser = question.protocol.parser("draft", question.case)
    return await ask(agent, prompt, parser, question.call, question.trial)


async def no_turn(*_: Any) -> Any:
    return "a text"


def role(name: str = "odd", mark: str = "QQ", ask: Any = raising) -> Role:
    return Role(
        *(name, mark, Stage.DRAFT, Reads.NOTHING, "draft", "is odd"),
        ask=ask,
    )


MAYBE: Any = "maybe"
ODD = role(ask=no_turn if BROKEN == "role returns" else raising)


class Bent(EnsembleSpec):
    """A graph whose wiring is wrong in the way that BROKEN names."""

    description: ClassVar[str] = "a graph that is wrong"

    graph: Literal["bent"] = "bent"
    agent: AgentSpec

    def wire(self) -> Wiring:
        first = Step("first", "first", GENERATOR, self.agent, field="agent")
        steps = {
            "wiring reads": (first, Step("b", "b", CRITIC, self.agent, reads=("nobody",))),
            "wiring twice": (first, first),
            "wiring empty": (),
            "role unknown": (Step("first", "first", role(), self.agent, field="agent"),),
            "role raises": (Step("first", "first", ODD, self.agent, field="agent"),),
            "role returns": (Step("first", "first", ODD, self.agent, field="agent"),),
        }
        if BROKEN == "wiring raises":
            raise RuntimeError("out of order")
        return Wiring(steps[BROKEN])


def plays(*_: Any) -> Any:
    if BROKEN.endswith("raises"):
        raise RuntimeError("out of order")
    return None


ODD_PROMPT = template("generator.menu").replace("Role: generator", "Role: odd")
PLAYED = replace(role(ask=asks), decide=plays, write=plays)


class Played(EnsembleSpec):
    """One model in a role that no simulation can play."""

    description: ClassVar[str] = "one odd model"

    graph: Literal["played"] = "played"
    agent: AgentSpec

    def wire(self) -> Wiring:
        return Wiring((Step("first", "first", PLAYED, self.agent, field="agent"),))


class Nameless(EnsembleSpec):
    """A graph without a name."""

    description: ClassVar[str] = "a graph without a name"


class Undescribed(EnsembleSpec):
    """A graph without a description."""

    graph: Literal["undescribed"] = "undescribed"

    def wire(self) -> Wiring:
        return Wiring(())


class Taken(EnsembleSpec):
    """A graph of a name that is taken."""

    description: ClassVar[str] = "not the panel that is known"

    graph: Literal["panel"] = "panel"

    def wire(self) -> Wiring:
        return Wiring(())


class Unwired(EnsembleSpec):
    """A graph without `wire`."""

    description: ClassVar[str] = "a graph that nobody has wired"

    graph: Literal["unwired"] = "unwired"


class Own(LangGraphEnsemble):
    """A LangGraph graph that fails in the way that BROKEN names."""

    description: ClassVar[str] = "a LangGraph graph that fails"

    graph: Literal["own"] = "own"

    def compiled(self) -> Any:
        if BROKEN == "own cannot be compiled":
            raise RuntimeError("out of order")
        return self

    async def ainvoke(self, state: dict[str, GraphInput]) -> dict[str, Any]:
        question = state["question"]
        if BROKEN == "own raises":
            raise RuntimeError("out of order")
        if BROKEN == "own seat":
            await question.call("nobody", question.messages("generator"))
        answers: dict[str, dict[str, Any]] = {
            "own has no answer": {},
            "own number": {"answer": 7},
            "own grades": {"answer": {99: True}},
            "own grades words": {"answer": {o.number: "yes" for o in question.item.menu}},
        }
        return answers[BROKEN]


def matcher(match: Any, name: str = "odd") -> MatcherRecord:
    return MatcherRecord(name=name, version="1", notice="oddly.", match=match)


def metric(compute: Any, name: str = "Odd", of: str = "odd") -> AnswerMetric:
    definition = Definition(of, "odd metrics")
    return AnswerMetric(
        *(definition, name, "Odd", "An odd number."),
        unit=HARMS_PER_CASE,
        bounds=(0, None),
        compute=compute,
    )


def fails(*_: Any) -> Any:
    raise RuntimeError("out of order")


class Silent:
    """A chat client that fails in the way that BROKEN names."""

    async def complete(self, request: Any, credentials: Any) -> Any:  # noqa: ARG002
        if BROKEN == "client raises":
            raise RuntimeError("out of order")
        return "a text"


def prompts(**texts: str) -> Path:
    folder = Path(os.environ["PROMPTS"])
    for name, text in texts.items():
        (folder / f"{name.replace('__', '.')}.md").write_text(text)
    return folder


def client(prefix: str, make: Any = Silent) -> ClientRecord:
    return ClientRecord(prefix, make=make, version="1")


def own(**parts: Any) -> Extension:
    return Extension(**{"name": "broken", "version": "1", **parts})


MADE: dict[str, Callable[[], Any]] = {
    "not an extension": lambda: {"name": "broken"},
    "raises at import": fails,
    "version missing": lambda: own(version=""),
    "no tuple": lambda: own(graphs=Unwired),
    "no graph": lambda: own(graphs=(ODD,)),
    "no metric": lambda: own(metrics=("Odd",)),
    "nameless graph": lambda: own(graphs=(Nameless,)),
    "undescribed graph": lambda: own(graphs=(Undescribed,)),
    "unwired graph": lambda: own(graphs=(Unwired,)),
    "graph taken": lambda: own(graphs=(Taken,)),
    "role taken": lambda: own(roles=(role("critic"),)),
    "mark taken": lambda: own(roles=(role(mark=CRITIC.mark),)),
    "role without ask": lambda: own(roles=(role(ask=None),)),
    "metric taken": lambda: own(metrics=(metric(fails, "Severe_rate"),)),
    "metric without function": lambda: own(metrics=(metric(None),)),
    "matcher taken": lambda: own(matchers=(matcher(fails, "lexical"),)),
    "matcher named oddly": lambda: own(matchers=(matcher(fails, "a/b"),)),
    "prefix taken": lambda: own(clients=(client("odd/"), client("odd/"))),
    "prefix simulated": lambda: own(clients=(client("sim/"),)),
    "name taken": lambda: own(name="example"),
    "prompts no path": lambda: own(prompts="prompts"),
    "prompts missing": lambda: own(prompts=Path("/no/such/folder")),
    "prompt taken": lambda: own(prompts=prompts(critic__menu="Role: critic\n=====\n")),
    "prompt of nobody": lambda: own(prompts=prompts(nobody__menu="Role: nobody\n=====\n")),
    "prompt first line": lambda: own(
        roles=(ODD,), prompts=prompts(odd__menu="Role: even\n\n=====\n")
    ),
    "prompt one part": lambda: own(roles=(ODD,), prompts=prompts(odd__menu="Role: odd\nHello")),
    "metric raises": lambda: own(metrics=(metric(fails),)),
    "metric shape": lambda: own(metrics=(metric(lambda _: np.zeros(99)),)),
    "metric text": lambda: own(metrics=(metric(lambda _: "many"),)),
    "matcher raises": lambda: own(matchers=(matcher(fails),)),
    "matcher option": lambda: own(matchers=(matcher(lambda *_: [Match(99, "full")]),)),
    "matcher verdict": lambda: own(matchers=(matcher(lambda *_: [Match(1, MAYBE)]),)),
    "matcher text": lambda: own(matchers=(matcher(lambda *_: ["yes"]),)),
    "client raises": lambda: own(clients=(client("odd/"),)),
    "client returns": lambda: own(clients=(client("odd/"),)),
    "client is not made": lambda: own(clients=(client("odd/", fails),)),
}
if BROKEN.startswith("own "):
    EXTENSION: Any = own(graphs=(Own,))
elif BROKEN.startswith(("wiring ", "role r")):
    EXTENSION = own(graphs=(Bent,), roles=(ODD,))
elif BROKEN == "role unknown":
    EXTENSION = own(graphs=(Bent,))
elif BROKEN == "prompt missing":
    EXTENSION = own(graphs=(Played,), roles=(PLAYED,))
elif BROKEN.startswith("play "):
    EXTENSION = own(graphs=(Played,), roles=(PLAYED,), prompts=prompts(odd__menu=ODD_PROMPT))
elif BROKEN:
    EXTENSION = MADE[BROKEN]()
