"""agents/models/langchain_client.py: chat models of langchain-core answer as models of Primum's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel, GenericFakeChatModel, SimpleChatModel
from langchain_core.messages import AIMessage, BaseMessage

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.langchain_client import LangChainClient
from primum.agents.models.outcomes import Outcome
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.panel import Panel
from primum.agents.topologies.registry import ensemble_of
from primum.cases.model import Suite
from primum.graphs.execution.runner import Runner
from primum.graphs.execution.study_builder import plan_study

ASK = Request(
    model="own/parrot",
    messages=(
        Message(role="system", content="Role: generator"),
        Message(role="user", content="Hello?"),
        Message(role="assistant", content="Hm."),
        Message(role="user", content="Hello!"),
    ),
    params={"tone": "calm"},
)


class Parrot(SimpleChatModel):
    """Says what it was told: the messages' types and texts, and the parameters."""

    @property
    def _llm_type(self) -> str:
        return "parrot"

    def _call(self, messages: list[BaseMessage], *_: Any, **params: Any) -> str:
        if "raise" in params:
            raise ConnectionError("the cage is empty")
        heard = [f"{message.type}: {message.text}" for message in messages]
        return " | ".join([*heard, f"tone: {params.get('tone')}"])


async def say(message: AIMessage) -> Reply:
    model = GenericFakeChatModel(messages=iter([message]))
    return await LangChainClient(model).complete(ASK, Credentials())


async def test_the_model_hears_the_whole_conversation_and_the_parameters() -> None:
    reply = await LangChainClient(Parrot()).complete(ASK, Credentials())
    assert reply.outcome is Outcome.OK
    assert reply.text == (
        "system: Role: generator | human: Hello? | ai: Hm. | human: Hello! | tone: calm"
    )


async def test_replies_come_in_the_models_order() -> None:
    client = LangChainClient(FakeListChatModel(responses=["one", "two"]))
    texts = [(await client.complete(ASK, Credentials())).text for _ in range(2)]
    assert texts == ["one", "two"]


async def test_what_the_model_tells_of_its_reply_is_kept() -> None:
    reply = await say(
        AIMessage(
            content="Yes.",
            response_metadata={"finish_reason": "stop", "model_name": "parrot-7"},
            usage_metadata={"input_tokens": 11, "output_tokens": 2, "total_tokens": 13},
        )
    )
    assert reply.outcome is Outcome.OK
    assert (reply.finish_reason, reply.returned_model) == ("stop", "parrot-7")
    assert (reply.input_tokens, reply.output_tokens) == (11, 2)
    assert reply.cost is None
    assert Reply.model_validate_json(reply.model_dump_json()) == reply


@pytest.mark.parametrize(
    ("text", "metadata", "outcome"),
    [
        ("Half a", {"finish_reason": "length"}, Outcome.TRUNCATED),
        ("Half a", {"stop_reason": "max_tokens"}, Outcome.TRUNCATED),
        ("", {"finish_reason": "content_filter"}, Outcome.FILTERED),
        (" \n", {"finish_reason": "stop"}, Outcome.EMPTY),
        ("Yes.", {"stop_reason": "end_turn"}, Outcome.OK),
        ("Half a", {"finish_reason": "MAX_TOKENS"}, Outcome.TRUNCATED),
        ("Half a", {"done_reason": "length"}, Outcome.TRUNCATED),
        ("Half a", {"finish_reason": "network_error"}, Outcome.PROVIDER_ERROR),
        ("", {"stopReason": "guardrail_intervened"}, Outcome.FILTERED),
        ("No.", {"stop_reason": "refusal"}, Outcome.REFUSAL),
    ],
)
async def test_how_a_reply_ended_is_its_outcome(
    text: str, metadata: dict[str, Any], outcome: Outcome
) -> None:
    reply = await say(AIMessage(content=text, response_metadata=metadata))
    assert reply.outcome is outcome
    assert (reply.reason == "") == (outcome is Outcome.OK)


async def test_thinking_and_refusals_are_kept_apart_from_the_text() -> None:
    thought = {"type": "thinking", "thinking": "Hm."}
    reply = await say(AIMessage(content=[thought, {"type": "text", "text": "Yes."}]))
    assert (reply.outcome, reply.text, reply.thinking) == (Outcome.OK, "Yes.", "Hm.")
    reply = await say(AIMessage(content="Yes.", additional_kwargs={"reasoning_content": "Hm."}))
    assert (reply.text, reply.thinking) == ("Yes.", "Hm.")
    reply = await say(AIMessage(content="", additional_kwargs={"refusal": "I will not."}))
    assert (reply.outcome, reply.text) == (Outcome.REFUSAL, "I will not.")
    asked = [{"name": "search", "args": {"query": "ferritin"}, "id": "1"}]
    reply = await say(AIMessage(content="", tool_calls=asked))
    assert reply.outcome is Outcome.PROVIDER_ERROR


async def test_an_exception_is_a_provider_error_by_its_kind_alone() -> None:
    failing = ASK.model_copy(update={"params": {"raise": True}})
    reply = await LangChainClient(Parrot()).complete(failing, Credentials())
    assert reply.outcome is Outcome.PROVIDER_ERROR
    assert reply.reason == "ConnectionError"
    assert reply.text == ""


class Approver(Parrot):
    """Replies as the given function does to the same messages."""

    reply: Callable[[Request], Reply]

    def _call(self, messages: list[BaseMessage], *_: Any, **__: Any) -> str:
        system, user = (message.text for message in messages)
        asked = Request(
            model="own/parrot",
            messages=(Message(role="system", content=system), Message(role="user", content=user)),
        )
        return self.reply(asked).text


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


async def test_a_panel_runs_on_clients_of_ones_own(
    tiny_suite: Suite, ledger: Ledger, approving: Callable[[Request], Reply]
) -> None:
    names = ("parrot", "mute")
    models = {n: ModelSpec(id=f"own/{n}", family="other:bird", access="open") for n in names}
    agents = tuple(AgentSpec(model=name) for name in names)
    duo = ensemble_of(
        name="duo", graph="panel", generators=agents, critics=agents[:1], aggregator=agents[0]
    )
    study = plan_study(tiny_suite, Panel(name="birds", models=models, ensembles=(duo,)), "none")
    own = {
        "parrot": LangChainClient(Approver(reply=approving)),
        "mute": LangChainClient(FakeListChatModel(responses=[""])),
    }
    answers = [a async for a in Runner(study, ledger, None, own).run(tiny_suite)]
    by_name = {name: [a for a in answers if a.ensemble == name] for name in ("duo", *names)}
    assert {name: len(found) for name, found in by_name.items()} == dict.fromkeys(by_name, 3)
    for answer in by_name["duo"]:
        assert answer.outcome is Outcome.OK
        assert answer.recommended == (1, 2, 3, 4, 5, 6, 7)
        assert answer.degraded == 1
    assert {answer.outcome for answer in by_name["parrot"]} == {Outcome.OK}
    assert {answer.outcome for answer in by_name["mute"]} == {Outcome.EMPTY}
