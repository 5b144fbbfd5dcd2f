"""Six calls a case as a program of its own, without Primum: `bare` (LangGraph, LiteLLM) or `httpx`.

`python benchmarks/support/whole_process.py ARM PROMPTS URL CAP OUTPUT` reads prompts that Primum
rendered beforehand, asks, reads each reply as JSON, writes the answers, and imports nothing of
Primum. Three generators draft, two agents read the drafts, an aggregator reads those two.
"""

import asyncio
import json
import operator
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict

GENERATORS, LAYER, AGGREGATOR = ("ash", "beech", "cherry"), ("ash", "beech"), "ash"
DRAFTS = "@@DRAFTS@@"
Case = dict[str, Any]
Ask = Callable[[str, list[dict[str, str]]], Awaitable[str]]
"""The text of a model's reply to a conversation."""


class State(TypedDict, total=False):
    """What was said on a case so far."""

    case: Case
    drafts: Annotated[list[tuple[str, str]], operator.add]
    revised: Annotated[list[tuple[str, str]], operator.add]
    answer: str


def conversation(prompt: dict[str, str], drafts: list[tuple[str, str]]) -> list[dict[str, str]]:
    """A prompt's two messages, with the drafts that it shows."""
    texts = [text for _, text in sorted(drafts)]
    shown = [f'<draft number="{n}">\n{text}\n</draft>' for n, text in enumerate(texts, 1)]
    user = prompt["user"].replace(DRAFTS, "\n\n".join(shown))
    return [{"role": "system", "content": prompt["system"]}, {"role": "user", "content": user}]


class Steps:
    """What is done at each step, at most `cap` calls at once."""

    def __init__(self, ask: Ask, cap: int) -> None:
        self._ask, self._turn = ask, asyncio.Semaphore(cap)

    async def _said(self, model: str, prompt: dict[str, str], drafts: Any = ()) -> str:
        async with self._turn:
            text = await self._ask(model, conversation(prompt, list(drafts)))
        assert isinstance(json.loads(text), list)
        return text

    async def draft(self, state: State, model: str) -> State:
        """A generator's grades."""
        return {"drafts": [(model, await self._said(model, state["case"]["generator"]))]}

    async def revise(self, state: State, model: str) -> State:
        """The grades of an agent that reads the drafts."""
        said = await self._said(model, state["case"]["aggregator"], state["drafts"])
        return {"revised": [(model, said)]}

    async def conclude(self, state: State) -> State:
        """The aggregator's grades."""
        prompt = state["case"]["aggregator"]
        return {"answer": await self._said(AGGREGATOR, prompt, state["revised"])}


async def with_langgraph(cases: list[Case], url: str, cap: int) -> list[str]:
    """By a compiled graph, with LiteLLM as it comes."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no price list from the network
    import litellm  # noqa: PLC0415  (each arm imports what it needs and no more)
    from langgraph.graph import START, StateGraph  # noqa: PLC0415  (as above)

    async def ask(model: str, messages: list[dict[str, str]]) -> str:
        there = {"api_base": f"{url}/v1", "api_key": "none", "timeout": 120.0}
        said = await litellm.acompletion(
            model=f"openai/{model}", messages=messages, **there, num_retries=0, max_retries=0
        )
        return str(said.choices[0].message.content)

    steps = Steps(ask, cap)

    def node(step: Callable[[State, str], Awaitable[State]], model: str) -> Any:
        async def run(state: State) -> State:
            return await step(state, model)

        return run

    graph = StateGraph(State)
    layer = [f"{model}-2" for model in LAYER]
    for model in GENERATORS:
        graph.add_node(model, node(steps.draft, model))
        graph.add_edge(START, model)
    for model, name in zip(LAYER, layer, strict=True):
        graph.add_node(name, node(steps.revise, model))
        graph.add_edge(list(GENERATORS), name)
    graph.add_node("aggregator", steps.conclude)
    graph.add_edge(layer, "aggregator")
    compiled = graph.compile()

    async def solve(case: Case) -> str:
        return str((await compiled.ainvoke({"case": case}))["answer"])

    return await asyncio.gather(*(solve(case) for case in cases))


async def with_httpx(cases: list[Case], url: str, cap: int) -> list[str]:
    """By hand: the floor."""
    import httpx  # noqa: PLC0415  (as above)

    limits = httpx.Limits(max_connections=cap, max_keepalive_connections=cap)
    async with httpx.AsyncClient(limits=limits, timeout=120) as client:

        async def ask(model: str, messages: list[dict[str, str]]) -> str:
            body = {"model": model, "messages": messages}
            said = await client.post(f"{url}/v1/chat/completions", json=body)
            return str(said.json()["choices"][0]["message"]["content"])

        steps = Steps(ask, cap)

        async def solve(case: Case) -> str:
            state: State = {"case": case}
            said = await asyncio.gather(*(steps.draft(state, m) for m in GENERATORS))
            state["drafts"] = [one for part in said for one in part["drafts"]]
            said = await asyncio.gather(*(steps.revise(state, m) for m in LAYER))
            state["revised"] = [one for part in said for one in part["revised"]]
            return (await steps.conclude(state))["answer"]

        return await asyncio.gather(*(solve(case) for case in cases))


if __name__ == "__main__":
    arm, prompts, url, cap, output = sys.argv[1:]
    listed = [json.loads(line) for line in Path(prompts).read_text("utf-8").splitlines()]
    run = {"bare": with_langgraph, "httpx": with_httpx}[arm]
    answers = asyncio.run(run(listed, url, int(cap)))
    kept = (json.dumps({"id": c["id"], "answer": a}) for c, a in zip(listed, answers, strict=True))
    Path(output).write_text("\n".join(kept), encoding="utf-8")
