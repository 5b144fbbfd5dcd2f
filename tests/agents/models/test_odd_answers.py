"""agents/models/endpoints: whatever comes over HTTP, there is a reply, and no answer is made up."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from primum.agents.models.endpoints.answer import Answer, read_answer
from primum.agents.models.endpoints.redaction import redactor
from primum.agents.models.outcomes import Outcome
from primum.tests.agents.models.answers import ENDPOINT

SHOWN = redactor("", [])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANY: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("error code message text type content".split()), inner)
    ),
    max_leaves=8,
)
SENT = st.sampled_from([sent for sent in ENDPOINT.values() if not isinstance(sent.body, bytes)])
STATUS = st.sampled_from([200, 201, 204, 302, 400, 404, 429, 500, 529])


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places in a JSON value."""
    inner = (
        value.items() if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    return [path, *(place for key, one in inner for place in paths(one, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A JSON value with another part at a place."""
    if not path:
        return new
    copied = json.loads(json.dumps(value))
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return copied


@given(SENT, st.data(), ANY, STATUS)
def test_any_part_may_be_anything(sent: Any, data: Any, new: Any, status: int) -> None:
    path = data.draw(st.sampled_from(paths(sent.body)))
    raw = json.dumps(changed(sent.body, path, new)).encode()
    reply = read_answer(Answer(status, {}, raw), {"max_tokens": 200}, SHOWN)
    assert reply.model_dump_json()
    assert "\n" not in reply.reason
    assert len(reply.reason) <= 400
    if reply.outcome is Outcome.OK:
        assert status < 300
        assert reply.text.strip()
        assert reply.reason == ""


@given(st.binary(max_size=200), STATUS, st.sampled_from([None, "text/html", "x; charset=nonsense"]))
def test_any_bytes_are_a_failure(raw: bytes, status: int, kind: str | None) -> None:
    headers = {"content-type": kind} if kind else {}
    reply = read_answer(Answer(status, headers, raw), {}, SHOWN)
    assert reply.outcome is Outcome.PROVIDER_ERROR
    assert reply.reason


@given(SENT, st.integers(0, 2_000))
def test_half_a_body_is_no_answer(sent: Any, end: int) -> None:
    whole = sent.raw
    if end >= len(whole):
        return
    reply = read_answer(Answer(200, {}, whole[:end]), {}, SHOWN)
    assert reply.outcome is Outcome.PROVIDER_ERROR
    assert reply.text == ""


@given(
    st.lists(st.sampled_from(["", "data:", "data: {}", ": x", "data: [DONE]", "event: x"])),
    st.booleans(),
)
def test_any_event_stream_has_an_outcome(lines: list[str], crlf: bool) -> None:
    raw = ("\r\n" if crlf else "\n").join(lines).encode()
    reply = read_answer(Answer(200, {}, raw), {}, SHOWN)
    assert reply.outcome in {Outcome.PROVIDER_ERROR, Outcome.EMPTY}


def test_deep_nesting_and_long_texts_are_failures_of_the_provider() -> None:
    for raw in (b"[" * 100_000, b'{"a":' * 100_000, b'{"error": "' + b"x " * 10**6 + b'"}'):
        reply = read_answer(Answer(200, {}, raw), {}, SHOWN)
        assert (reply.outcome, len(reply.reason) < 400) == (Outcome.PROVIDER_ERROR, True)
