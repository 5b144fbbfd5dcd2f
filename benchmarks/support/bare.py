"""Six calls a case without Primum: as a LangGraph with LiteLLM, and by hand with httpx.

Prompts and order are Primum's own. Nothing is recorded, read strictly or asked again.
"""

import asyncio
import json
import operator
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypedDict

import httpx
from langgraph.graph import START, StateGraph

from primum.agents.models.litellm_setup import load_litellm
from primum.agents.protocols.protocol import Protocol
from primum.cases.menu import render_menu
from primum.cases.model import Item, Suite
from primum.prompts.render import Prompt, render

OTHER_WAY = "EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER"
GENERATORS = ("ash", "beech", "cherry")
PLAN = Protocol(name="plan", form="concise")
Ask = Callable[[dict[str, Any]], Awaitable[str]]
"""The text that answers a request's body."""
Run = Callable[[Suite], Coroutine[Any, Any, None]]


class State(TypedDict, total=False):
    """What was said on an item so far."""

    item: Item
    drafts: Annotated[list[tuple[str, str]], operator.add]
    plan: str
    sheet: str
    changes: str


class Steps:
    """What is done at each step: a prompt from what was said, and a model's answer to it."""

    def __init__(self, ask: Ask, cap: int) -> None:
        self._ask = ask
        self._turn = asyncio.Semaphore(cap)

    async def _said(self, model: str, prompt: Prompt) -> str:
        messages = [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ]
        async with self._turn:
            return await self._ask({"model": model, "messages": messages})

    async def draft(self, state: State, model: str) -> State:
        """A generator's plan."""
        prompt = PLAN.prompt("generator", "draft", "", state["item"].public)
        return {"drafts": [(model, await self._said(model, prompt))]}

    async def aggregate(self, state: State) -> State:
        """One plan of three."""
        texts = [text for _, text in sorted(state["drafts"])]
        drafts = [f'<draft number="{n}">\n{text}\n</draft>' for n, text in enumerate(texts, 1)]
        prompt = PLAN.prompt(
            "aggregator", "draft", "", state["item"].public, drafts="\n\n".join(drafts)
        )
        return {"plan": await self._said(GENERATORS[0], prompt)}

    async def match(self, state: State) -> State:
        """The matcher's sheet."""
        prompt = render("judge.match", **_material(state))
        return {"sheet": await self._said("judge", prompt)}

    async def review(self, state: State) -> State:
        """The reviewer's changes."""
        rows = [json.dumps(row) for row in json.loads(state["sheet"])["options"]]
        key = {"reference": "(none is given)", "guidance": "(none is given)"}
        prompt = render("judge.review", **_material(state), verdicts="\n".join(rows), **key)
        return {"changes": await self._said("judge", prompt)}


def _material(state: State) -> dict[str, str]:
    item = state["item"]
    options = render_menu(item.public.menu)
    shown = {"presentation": item.presentation, "options": options, "answer": state["plan"]}
    return {"instructions": "", **shown}


def bare_langgraph(url: str, cap: int) -> Run:
    """The graph with LiteLLM, so many calls at once."""
    litellm = load_litellm()
    away = {"api_base": f"{url}/v1", "api_key": "none", "timeout": 120.0}

    async def ask(body: dict[str, Any]) -> str:
        body = {**body, "model": f"openai/{body['model']}"}
        said = await litellm.acompletion(**body, **away, num_retries=0, max_retries=0)
        return str(said.choices[0].message.content)

    def drafting(steps: Steps, model: str) -> Any:
        async def node(state: State) -> State:
            return await steps.draft(state, model)

        return node

    async def run(suite: Suite) -> None:
        steps = Steps(ask, cap)
        graph = StateGraph(State)
        for model in GENERATORS:
            graph.add_node(model, drafting(steps, model))
            graph.add_edge(START, model)
        graph.add_node("aggregator", steps.aggregate)
        graph.add_node("matcher", steps.match)
        graph.add_node("reviewer", steps.review)
        graph.add_edge(list(GENERATORS), "aggregator")
        graph.add_edge("aggregator", "matcher")
        graph.add_edge("matcher", "reviewer")
        compiled = graph.compile()
        with as_shipped():
            await asyncio.gather(*(compiled.ainvoke({"item": item}) for item in suite.items()))

    return run


@contextmanager
def as_shipped() -> Iterator[None]:
    """LiteLLM by its default way to OpenAI's API, whichever Primum tells it to take."""
    told = os.environ.pop(OTHER_WAY, None)
    try:
        yield
    finally:
        if told is not None:
            os.environ[OTHER_WAY] = told


def plain_httpx(url: str, cap: int) -> Run:
    """The same by hand: the floor."""

    async def run(suite: Suite) -> None:
        limits = httpx.Limits(max_connections=cap, max_keepalive_connections=cap)
        async with httpx.AsyncClient(limits=limits, timeout=120) as client:

            async def ask(body: dict[str, Any]) -> str:
                said = await client.post(f"{url}/v1/chat/completions", json=body)
                return str(said.json()["choices"][0]["message"]["content"])

            steps = Steps(ask, cap)

            async def whole(item: Item) -> None:
                state: State = {"item": item}
                drafts = await asyncio.gather(*(steps.draft(state, m) for m in GENERATORS))
                state["drafts"] = [said for draft in drafts for said in draft["drafts"]]
                for step in (steps.aggregate, steps.match, steps.review):
                    state.update(await step(state))

            await asyncio.gather(*(whole(item) for item in suite.items()))

    return run
