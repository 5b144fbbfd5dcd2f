"""agents/ledger/schema_fallback.py: an endpoint is asked once whether it binds, and all of it is on record."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from primum.agents.ledger.dispatcher import Dispatcher
from primum.agents.ledger.ledger import Ledger, caller
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.schemas import choice_form
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.turns.exchange import Agent
from primum.core.errors import DataError

URL = "http://127.0.0.1:1/v1"
NAMED = Reply(
    outcome=Outcome.PROVIDER_ERROR, status=400, reason="HTTP 400: no json_schema here, sorry"
)
UNNAMED = Reply(outcome=Outcome.PROVIDER_ERROR, status=400, reason="HTTP 400: bad request")
TIMEOUT = Reply(outcome=Outcome.TIMEOUT, reason="no answer within 1 s")
BROKEN = Reply(outcome=Outcome.PROVIDER_ERROR, status=503, reason="HTTP 503: busy")
Said = Callable[[Request], Reply]


class Endpoint:
    """Answers calls with a schema by one function and those without by another, and keeps them."""

    def __init__(self, bound: Said, text: Said, seconds: float = 0.01) -> None:
        self.asked: list[bool] = []
        self._bound, self._text, self._seconds = bound, text, seconds

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        self.asked.append(request.bound)
        await asyncio.sleep(self._seconds)
        return (self._bound if request.bound else self._text)(request)


def ok(request: Request) -> Reply:
    return Reply(outcome=Outcome.OK, text=f"{request.bound} {request.messages[0].content}")


def always(reply: Reply) -> Said:
    return lambda _: reply


def model(**fields: object) -> ModelSpec:
    given = {"id": "openai/m", "family": "gpt", "access": "open", "api_base": URL}
    return ModelSpec.model_validate({**given, "replies": "auto", **fields})


def request(question: str, of: ModelSpec, **seat: object) -> Request:
    agent = Agent("s", "generator", AgentSpec.model_validate({"model": "m", **seat}), of)
    return agent.request((Message(role="user", content=question),), 1, choice_form(2))


class Bench:
    """A ledger on disk, in which each run is a new one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def run(
        self,
        endpoint: Endpoint | None,
        *questions: str,
        retry_failed: bool = False,
        **fields: object,
    ) -> list[Reply]:
        """Ask all questions at once, in a run of its own; None only replays."""
        ledger = Ledger(self.path, retry_failed=retry_failed)
        ledger.dispatcher = Dispatcher(attempts=1)
        of = model(**fields)
        call = caller(ledger, {"m": of}, endpoint)
        try:
            asked = [call(request(q, of), AgentSpec(model="m")) for q in questions]
            return list(await asyncio.gather(*asked))
        finally:
            ledger.close()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "ledger.sqlite")


QUESTIONS = [f"q{n}" for n in range(12)]


async def test_all_wait_for_the_first_and_then_go_at_once(bench: Bench) -> None:
    endpoint = Endpoint(always(NAMED), ok, seconds=0.05)
    replies = await bench.run(endpoint, *QUESTIONS)
    assert endpoint.asked == [True] + [False] * len(QUESTIONS)
    assert all(reply.without_schema for reply in replies)
    assert [reply.text for reply in replies] == [f"False {q}" for q in QUESTIONS]


async def test_an_endpoint_that_binds_is_asked_nothing_twice(bench: Bench) -> None:
    endpoint = Endpoint(ok, ok)
    replies = await bench.run(endpoint, *QUESTIONS)
    assert endpoint.asked == [True] * len(QUESTIONS)
    assert not any(reply.without_schema for reply in replies)


@pytest.mark.parametrize("status", [400, 422])
async def test_an_error_that_names_nothing_holds_once_text_is_taken(
    bench: Bench, status: int
) -> None:
    endpoint = Endpoint(always(UNNAMED.model_copy(update={"status": status})), ok)
    await bench.run(endpoint, *QUESTIONS)
    assert endpoint.asked.count(True) == 1


@pytest.mark.parametrize(
    ("status", "reason", "falls_back"),
    [
        (404, "HTTP 404: response_format is unknown", True),
        (404, "HTTP 404: No endpoints found that can handle the requested parameters.", True),
        (404, "HTTP 404: no such model", False),
        (501, "HTTP 501: grammar is not implemented", True),
        (501, "HTTP 501: not implemented", False),
        (500, "HTTP 500: failed to parse grammar", True),
        (500, "HTTP 500: out of memory", False),
        (401, "HTTP 401: no response_format for you", False),
        (429, "HTTP 429: too many json_schema calls", False),
        (None, "connection refused; json_schema", False),
    ],
)
async def test_other_errors_count_where_they_name_the_schema(
    bench: Bench, status: int | None, reason: str, falls_back: bool
) -> None:
    failed = Reply(outcome=Outcome.PROVIDER_ERROR, status=status, reason=reason)
    endpoint = Endpoint(always(failed), ok)
    (reply,) = await bench.run(endpoint, "q")
    assert (reply.outcome is Outcome.OK) == falls_back
    assert endpoint.asked == [True, False][: 1 + falls_back]


@pytest.mark.parametrize("reply", [TIMEOUT, BROKEN], ids=["timeout", "busy"])
async def test_a_failure_of_another_kind_holds_nobody_up(bench: Bench, reply: Reply) -> None:
    endpoint = Endpoint(always(reply), ok, seconds=0.3)
    started = asyncio.get_running_loop().time()
    replies = await bench.run(endpoint, *QUESTIONS)
    assert asyncio.get_running_loop().time() - started < 0.3 * len(QUESTIONS) / 2
    assert endpoint.asked == [True] * len(QUESTIONS)
    assert {r.outcome for r in replies} == {reply.outcome}


async def test_a_prompt_that_is_refused_in_either_form_says_nothing_of_schemas(
    bench: Bench,
) -> None:
    def too_long(asked: Request) -> Reply:
        return UNNAMED if asked.messages[0].content == "q0" else ok(asked)

    endpoint = Endpoint(too_long, too_long)
    replies = await bench.run(endpoint, *QUESTIONS)
    assert [r.outcome for r in replies] == [Outcome.PROVIDER_ERROR, *[Outcome.OK] * 11]
    assert endpoint.asked.count(False) == 1
    assert [r.without_schema for r in replies] == [True, *[False] * 11]


async def test_a_later_rejection_holds_from_then_on(bench: Bench) -> None:
    def no_q5(asked: Request) -> Reply:
        return NAMED if asked.messages[0].content == "q5" else ok(asked)

    ledger = Ledger(bench.path)
    of = model()
    endpoint = Endpoint(no_q5, ok)
    call = caller(ledger, {"m": of}, endpoint)
    replies = [await call(request(q, of), AgentSpec(model="m")) for q in QUESTIONS]
    ledger.close()
    assert [r.without_schema for r in replies] == [False] * 5 + [True] * 7
    assert endpoint.asked == [True] * 6 + [False] * 7
    assert [r.text for r in await bench.run(None, *QUESTIONS)] == [r.text for r in replies]


async def test_each_endpoint_and_model_is_asked_for_itself(bench: Bench) -> None:
    ledger = Ledger(bench.path)
    endpoint = Endpoint(always(NAMED), ok)
    of = {
        "m": model(),
        "other": model(id="openai/n"),
        "elsewhere": model(api_base="http://127.0.0.1:2/v1"),
    }
    call = caller(ledger, of, endpoint)
    for name, spec in of.items():
        for q in ("a", "b"):
            await call(request(q, spec), AgentSpec(model=name))
    ledger.close()
    assert endpoint.asked == [True, False, False] * 3


async def test_a_replay_needs_no_endpoint_in_either_form(bench: Bench) -> None:
    first = await bench.run(Endpoint(always(NAMED), ok), *QUESTIONS)
    assert await bench.run(None, *QUESTIONS) == first
    off = Endpoint(always(BROKEN), always(BROKEN))
    assert await bench.run(off, *QUESTIONS) == first
    assert off.asked == []
    with pytest.raises(DataError, match="is not in the ledger"):
        await bench.run(None, "q99")


async def test_a_run_that_was_stopped_between_rejection_and_mark_goes_on_in_text(
    bench: Bench,
) -> None:
    """As a run with `schema` leaves it: the rejection is on record, and no mark."""
    await bench.run(Endpoint(always(NAMED), ok), "q", replies="schema")
    endpoint = Endpoint(ok, ok)
    (reply,) = await bench.run(endpoint, "q")
    assert (reply.text, endpoint.asked) == ("False q", [False])
    assert [r.text for r in await bench.run(None, "q")] == ["False q"]


async def test_an_endpoint_is_asked_again_by_a_run_of_other_calls(bench: Bench) -> None:
    await bench.run(Endpoint(always(NAMED), ok), "old")
    learned = Endpoint(ok, ok)
    (reply,) = await bench.run(learned, "new")
    assert (reply.text, learned.asked) == ("True new", [True])


@pytest.mark.parametrize("failed", [NAMED, UNNAMED], ids=["named", "unnamed"])
async def test_a_run_that_is_continued_goes_on_in_the_form_in_which_it_began(
    bench: Bench, failed: Reply
) -> None:
    """Half the answers bound and half in text would be two treatments in one study."""
    await bench.run(Endpoint(always(failed), ok), *QUESTIONS[:3])
    learned = Endpoint(ok, ok)
    replies = await bench.run(learned, *QUESTIONS)
    assert [r.text for r in replies] == [f"False {q}" for q in QUESTIONS]
    assert learned.asked == [False] * (len(QUESTIONS) - 3)


async def test_a_rejection_in_other_words_after_a_bound_reply_is_of_that_call_alone(
    bench: Bench,
) -> None:
    """As Groq answers 400 where a model's reply does not fit the schema."""

    def no_q5(asked: Request) -> Reply:
        return UNNAMED if asked.messages[0].content == "q5" else ok(asked)

    endpoint = Endpoint(no_q5, ok)
    replies = await bench.run(endpoint, *QUESTIONS)
    assert [r.without_schema for r in replies] == [q == "q5" for q in QUESTIONS]
    assert [r.text for r in await bench.run(None, *QUESTIONS)] == [r.text for r in replies]


async def test_a_rejection_is_not_asked_for_again_though_its_status_may_pass(
    bench: Bench,
) -> None:
    failed = NAMED.model_copy(update={"status": 500, "retry_after": 0.0})
    endpoint = Endpoint(always(failed), ok)
    ledger = Ledger(bench.path)
    of = model()
    reply = await caller(ledger, {"m": of}, endpoint)(request("q", of), AgentSpec(model="m"))
    ledger.close()
    assert (reply.text, endpoint.asked) == ("False q", [True, False])


async def test_retry_failed_asks_for_what_failed_in_the_form_in_which_it_failed(
    bench: Bench,
) -> None:
    await bench.run(Endpoint(always(NAMED), always(TIMEOUT)), "q")
    endpoint = Endpoint(ok, ok)
    (reply,) = await bench.run(endpoint, "q", retry_failed=True)
    assert (reply.text, endpoint.asked) == ("False q", [False])


async def test_a_schema_that_is_required_fails_and_the_reason_names_the_setting(
    bench: Bench,
) -> None:
    for failed, words in ((NAMED, "rejects"), (UNNAMED, "may reject")):
        endpoint = Endpoint(always(failed), ok)
        (reply,) = await bench.run(endpoint, words, replies="schema")
        assert reply.outcome is Outcome.PROVIDER_ERROR
        assert reply.reason.startswith(f"the endpoint {words} the schema of replies; write")
        assert endpoint.asked == [True]


@pytest.mark.parametrize(
    ("of", "seat", "bound", "optional"),
    [
        ("text", None, False, False),
        ("schema", None, True, False),
        ("auto", None, True, True),
        ("text", "auto", True, True),
        ("schema", "text", False, False),
        ("auto", "schema", True, False),
    ],
)
def test_a_seats_setting_stands_over_the_models(
    of: str, seat: str | None, bound: bool, optional: bool
) -> None:
    asked = request("q", model(replies=of), replies=seat)
    assert (asked.bound, asked.schema_optional) == (bound, optional)


def test_a_call_in_text_has_the_key_that_it_had_before_there_were_schemas() -> None:
    bound, text = request("q", model()), request("q", model(replies="text"))
    assert bound.without_schema().key == text.key != bound.key
    assert request("q", model(replies="schema")).key == bound.key
    assert "schema" not in text.model_dump_json()


def test_a_simulated_clinician_writes_as_ever() -> None:
    of = ModelSpec(id="sim/aspen", family="sim-aspen", access="open", replies="schema")
    assert not request("q", of).bound
