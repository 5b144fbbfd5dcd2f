"""agents/ledger/ledger.py: every call once, on disk before anyone uses it, whole or not at all."""

import asyncio
import json
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.ledger.database import Record
from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import ChatClient, Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.core.errors import DataError

Scripted = Callable[[Callable[[Request], Reply]], ChatClient]
NO_CREDENTIALS = Credentials()
OTHER: dict[str, Any] = {
    "model": "x/elm",
    "messages": (Message(role="user", content="Hi!"),),
    "params": {"temperature": 1},
    "trial": 2,
    "sample": 2,
    "client_version": 999,
}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, 1, 0.0, 1.0, "", "1", "é"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)


def question(name: object = "hi") -> Request:
    return Request(model="x/oak", messages=(Message(role="user", content=str(name)),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite"


class Echo:
    """Says what it was asked, and counts."""

    def __init__(self, outcome: Outcome = Outcome.OK, seconds: float = 0.0) -> None:
        self.asked: list[str] = []
        self.peak = self._now = 0
        self._outcome, self._seconds = outcome, seconds

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        name = request.messages[0].content
        self.asked.append(name)
        self._now += 1
        self.peak = max(self.peak, self._now)
        await asyncio.sleep(self._seconds)
        self._now -= 1
        return Reply(outcome=self._outcome, text=f"echo {name}", seconds=self._seconds)


@pytest.mark.parametrize("field", [f for f in Request.model_fields if f != "schema_optional"])
def test_every_field_of_a_request_is_in_its_key(field: str) -> None:
    own = question().model_dump()
    other = Request.model_validate({**own, field: OTHER.get(field, "other")})
    assert other.key != question().key
    assert Request.model_validate(own).key == question().key


@given(JSON_VALUES, JSON_VALUES)
def test_parameters_share_a_key_only_if_they_are_the_same_json(a: Any, b: Any) -> None:
    keys = {Request(model="m", messages=(), params={"p": value}).key for value in (a, b)}
    written = {json.dumps(value, sort_keys=True) for value in (a, b)}
    assert len(keys) == len(written)


def test_a_changed_copy_of_a_request_has_a_key_of_its_own() -> None:
    asked = question()
    assert asked.key != asked.model_copy(update={"trial": 2}).key


async def test_credentials_neither_make_a_new_call_nor_stand_in_the_file(path: Path) -> None:
    client, ledger = Echo(), Ledger(path)
    for credentials in (Credentials(key_env="OWN_KEY"), NO_CREDENTIALS):
        await ledger.ask(question(), client, credentials)
    ledger.close()
    assert client.asked == ["hi"]
    with path.open("rb") as file:
        held = file.read()
    assert (b"x/oak" in held, b"OWN_KEY" in held) == (True, False)


async def test_identical_questions_in_flight_are_one_call(path: Path) -> None:
    client, ledger = Echo(seconds=0.01), Ledger(path)
    replies = await asyncio.gather(
        *(ledger.ask(question(n % 20), client, NO_CREDENTIALS) for n in range(200))
    )
    assert len(client.asked) == 20
    assert ledger.made == 20
    assert [reply.text for reply in replies] == [f"echo {n % 20}" for n in range(200)]


async def test_a_reply_is_on_disk_before_any_asker_has_it(path: Path) -> None:
    client, ledger = Echo(), Ledger(path)

    async def ask(name: int) -> bool:
        request = question(name)
        reply = await ledger.ask(request, client, NO_CREDENTIALS)
        other = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        row = other.execute("select reply from calls where key = ?", (request.key,)).fetchone()
        other.close()
        return row is not None and Reply.model_validate_json(row[0]) == reply

    assert all(await asyncio.gather(*(ask(n % 10) for n in range(30))))


async def test_of_replies_that_are_written_together_each_is_there_and_the_first_stands(
    path: Path,
) -> None:
    one, other = Record(path), Record(path)

    async def put(record: Record, text: str, n: int) -> Reply:
        asked = question(n)
        return await record.put(asked, Reply(outcome=Outcome.OK, text=f"{text} {n}"))

    whole, half = 5_000, 2_500  # in several groups
    first = await asyncio.gather(*(put(one, "first", n) for n in range(half)))
    found = await asyncio.gather(*(put(other, "second", n) for n in range(whole)))
    assert [reply.text for reply in first] == [f"first {n}" for n in range(half)]
    assert [reply.text for reply in found[half:]] == [f"second {n}" for n in range(half, whole)]
    assert found[:half] == first
    assert [one.get(question(n).key) for n in range(whole)] == found
    assert all(entry.whole for entry in one.entries())
    for record in (one, other):
        record.close()


async def test_a_second_ledger_on_the_file_finds_every_reply(path: Path) -> None:
    first = Ledger(path)
    given_ = [await first.ask(question(n), Echo(), NO_CREDENTIALS) for n in range(5)]
    first.close()
    client, second = Echo(), Ledger(path)
    found = [await second.ask(question(n), client, NO_CREDENTIALS) for n in range(5)]
    assert found == given_
    assert client.asked == []
    assert (second.made, second.found) == (0, 5)


@pytest.mark.parametrize("column", ["request", "reply", "sha256"])
@pytest.mark.parametrize("at", [0, 0.5, 1])
async def test_a_damaged_record_is_never_served(column: str, at: float, path: Path) -> None:
    ledger = Ledger(path)
    await ledger.ask(question(), Echo(), NO_CREDENTIALS)
    other = sqlite3.connect(path, isolation_level=None)
    (text,) = other.execute(f"select {column} from calls").fetchone()
    where = round(at * (len(text) - 1))
    flipped = text[:where] + chr(ord(text[where]) ^ 1) + text[where + 1 :]
    other.execute(f"update calls set {column} = ?", (flipped,))
    ledger.close()
    client, ledger = Echo(), Ledger(path)
    with pytest.raises(DataError, match=rf"{path}: call {question().key[:12]}: .*damaged"):
        await ledger.ask(question(), client, NO_CREDENTIALS)
    assert client.asked == []


def overwrite_all_but_the_first_page(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))


async def test_a_damaged_file_is_said_to_be_damaged(path: Path) -> None:
    ledger = Ledger(path)
    for n in range(50):
        await ledger.ask(question(str(n) * 1000), Echo(), NO_CREDENTIALS)
    ledger.close()
    overwrite_all_but_the_first_page(path)
    with pytest.raises(DataError, match=str(path)):
        await Ledger(path).ask(question(), Echo(), NO_CREDENTIALS)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("retry", [True, False])
async def test_only_what_may_pass_is_asked_again_and_only_when_told(
    outcome: Outcome, retry: bool, path: Path
) -> None:
    first = Ledger(path)
    before = await first.ask(question(), Echo(outcome), NO_CREDENTIALS)
    first.close()
    client, second = Echo(), Ledger(path, retry_failed=retry)
    after = await second.ask(question(), client, NO_CREDENTIALS)
    again = retry and outcome in {Outcome.TIMEOUT, Outcome.PROVIDER_ERROR}
    assert len(client.asked) == again
    assert after.outcome is (Outcome.OK if again else outcome)
    assert again or after == before
    assert second.record.get(question().key) == after


async def test_what_failed_in_this_very_run_is_not_asked_again_in_it(path: Path) -> None:
    client, ledger = Echo(Outcome.TIMEOUT), Ledger(path, retry_failed=True)
    for _ in range(2):
        await ledger.ask(question(), client, NO_CREDENTIALS)
    assert client.asked == ["hi"]


async def test_only_its_owner_may_read_the_file(path: Path) -> None:
    ledger = Ledger(path)
    await ledger.ask(question(), Echo(), NO_CREDENTIALS)
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("slots", [1, 3])
async def test_no_more_calls_are_in_flight_than_allowed(slots: int, path: Path) -> None:
    client, ledger = Echo(seconds=0.001), Ledger(path, concurrency=slots)
    await asyncio.gather(*(ledger.ask(question(n), client, NO_CREDENTIALS) for n in range(30)))
    assert client.peak == slots


async def test_a_client_that_raises_leaves_no_record_and_no_one_waiting(
    path: Path, scripted: Scripted
) -> None:
    def fail(request: Request) -> Reply:
        raise RuntimeError(request.model)

    ledger = Ledger(path)
    asks = [ledger.ask(question(), scripted(fail), NO_CREDENTIALS) for _ in range(3)]
    failed = await asyncio.gather(*asks, return_exceptions=True)
    assert [str(error) for error in failed] == ["x/oak"] * 3
    assert ledger.record.get(question().key) is None
    assert (await ledger.ask(question(), Echo(), NO_CREDENTIALS)).text == "echo hi"


async def test_an_asker_who_leaves_does_not_take_the_reply_with_them(path: Path) -> None:
    client, ledger = Echo(seconds=0.01), Ledger(path)
    leaving = asyncio.create_task(ledger.ask(question(), client, NO_CREDENTIALS))
    staying = asyncio.create_task(ledger.ask(question(), client, NO_CREDENTIALS))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).text == "echo hi"
    assert client.asked == ["hi"]


@pytest.mark.parametrize("obstacle", ["folder", "file above", "text", "tables", "version"])
def test_a_path_that_cannot_be_a_ledger_is_named(obstacle: str, path: Path) -> None:
    if obstacle == "file above":
        path.parent.write_text("a file")
    else:
        (path if obstacle == "folder" else path.parent).mkdir(parents=True)
    if obstacle == "text":
        path.write_text("Not a database, but long enough to be read as one. " * 20)
    if obstacle == "tables":
        sqlite3.connect(path).execute("create table calls (who text, phone text)").close()
    if obstacle == "version":
        sqlite3.connect(path).execute("pragma user_version = 99").close()
    with pytest.raises(DataError) as caught:
        Ledger(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


async def test_a_full_disk_is_said_in_one_line(path: Path, scripted: Scripted) -> None:
    ledger = Ledger(path)
    long = scripted(lambda _: Reply(outcome=Outcome.OK, text="long " * 100_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(DataError, match=str(path)):
            await ledger.ask(question(), long, NO_CREDENTIALS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


KILLED = """
import asyncio, sys
from pathlib import Path
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.ledger.ledger import Ledger

class Slow:
    async def complete(self, request, credentials):
        await asyncio.sleep(0.005)
        return Reply(outcome=Outcome.OK, text="before " + request.messages[0].content)

async def ask(ledger, name):
    request = Request(model="x/oak", messages=(Message(role="user", content=str(name)),))
    await ledger.ask(request, Slow(), Credentials())
    print(name, flush=True)

async def main():
    ledger = Ledger(Path(sys.argv[1]), concurrency=8)
    await asyncio.gather(*(ask(ledger, name) for name in range(5000)))

asyncio.run(main())
"""


def acknowledged_before_a_kill(path: Path) -> list[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(100)]
    process.kill()
    rest, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    lines += rest.splitlines(keepends=True)
    return [line.strip() for line in lines if line.endswith("\n")]


async def test_what_was_acknowledged_before_a_kill_is_never_asked_again(path: Path) -> None:
    names = acknowledged_before_a_kill(path)
    assert 100 <= len(names) < 5000
    client, ledger = Echo(), Ledger(path)
    for name in names:
        reply = await ledger.ask(question(name), client, NO_CREDENTIALS)
        assert reply.text == f"before {name}"
    assert client.asked == []
    await ledger.ask(question(4999), client, NO_CREDENTIALS)
    assert client.asked == ["4999"]


class Broken:
    """Not there for half a minute."""

    asked = 0

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        self.asked += 1
        await asyncio.sleep(0.05)
        return Reply(outcome=Outcome.PROVIDER_ERROR, reason="503", retry_after=30.0)


@pytest.mark.parametrize("after", [0.02, 0.2])  # while the first attempt is under way, and after it
async def test_who_is_to_ask_again_is_given_up_when_it_drains(path: Path, after: float) -> None:
    client, ledger = Broken(), Ledger(path)
    asks = [asyncio.create_task(ledger.ask(question(n), client, NO_CREDENTIALS)) for n in range(3)]
    await asyncio.sleep(after)
    await asyncio.wait_for(ledger.drain(), 5)
    assert all(
        isinstance(found, asyncio.CancelledError)
        for found in await asyncio.gather(*asks, return_exceptions=True)
    )
    assert client.asked <= 3
    ledger.close()
