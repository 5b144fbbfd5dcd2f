"""Several processes that share one ledger.

PRIMUM_TOGETHER=500x20 makes the contest full-sized: keys a round x rounds; 100x3 if unset.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome

PROCESSES = 4
KEYS, ROUNDS = map(int, os.environ.get("PRIMUM_TOGETHER", "100x3").split("x"))

OPEN = """
import asyncio, sys, time
from pathlib import Path
from primum.agents.ledger.ledger import Ledger

async def main():
    while time.time() < float(sys.argv[2]):
        pass
    Ledger(Path(sys.argv[1])).close()

asyncio.run(main())
"""

ASK = """
import asyncio, os, random, sys
from pathlib import Path
from primum.agents.models.client import Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.ledger.ledger import Ledger

path, log, seed, keys, rounds, seconds = sys.argv[1:]
lines = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

class Client:
    async def complete(self, request, credentials):
        name = request.messages[0].content
        os.write(lines, (name + "\\n").encode())
        await asyncio.sleep(float(seconds))
        return Reply(outcome=Outcome.OK, text=f"{name} by {seed}")

async def ask(ledger, name):
    request = Request(model="x/oak", messages=(Message(role="user", content=name),))
    reply = await ledger.ask(request, Client(), Credentials())
    assert reply.text.startswith(f"{name} by "), reply

async def main():
    chance = random.Random(int(seed))
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once
    made = refused = 0
    for turn in range(int(rounds)):
        ledger = Ledger(Path(path), concurrency=16)
        take = ledger.leases.take

        def counted(key):
            nonlocal refused
            given = take(key)
            refused += not given
            return given

        ledger.leases.take = counted
        names = [f"{turn}-{n}" for n in range(int(keys))]
        chance.shuffle(names)
        await asyncio.gather(*(ask(ledger, name) for name in names))
        await ledger.drain()
        made += ledger.made
        ledger.close()
    print(made, refused)

asyncio.run(main())
"""


def asker(folder: Path, seed: int, keys: int, rounds: int, seconds: float) -> subprocess.Popen[str]:
    given = (folder / "ledger.sqlite", folder / "calls", seed, keys, rounds, seconds)
    return subprocess.Popen(
        [sys.executable, "-c", ASK, *map(str, given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begin(askers: list[subprocess.Popen[str]]) -> None:
    """Wait until all are ready, then let them go."""
    for process in askers:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in askers:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()


def calls(folder: Path) -> list[str]:
    log = folder / "calls"
    return log.read_text().splitlines() if log.exists() else []


def test_all_can_open_it(tmp_path: Path) -> None:
    for number in range(3):
        start = time.time() + 2.0
        command = [sys.executable, "-c", OPEN, str(tmp_path / f"{number}.sqlite"), str(start)]
        opened = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        said = [process.communicate(timeout=60)[1] for process in opened]
        assert [process.returncode for process in opened] == [0] * 4, said


def test_what_all_want_at_once_is_asked_once(tmp_path: Path) -> None:
    askers = [asker(tmp_path, n, KEYS, ROUNDS, 0.002) for n in range(PROCESSES)]
    begin(askers)
    said = [process.communicate(timeout=600) for process in askers]
    assert [process.returncode for process in askers] == [0] * PROCESSES, said
    twice = {name: times for name, times in Counter(calls(tmp_path)).items() if times > 1}
    assert not twice
    assert len(calls(tmp_path)) == KEYS * ROUNDS
    made, refused = zip(*(map(int, out.split()) for out, _ in said), strict=True)
    assert sum(made) == KEYS * ROUNDS
    assert sum(refused) > 0, f"they did not meet: {made}"


class Other:
    """The client of one who waits: counts what it is asked."""

    asked = 0

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        self.asked += 1
        return Reply(outcome=Outcome.OK, text="by the living")


async def test_one_that_dies_with_calls_under_way_holds_up_nobody(tmp_path: Path) -> None:
    dying = asker(tmp_path, 0, keys=8, rounds=1, seconds=600)
    begin([dying])
    while len(calls(tmp_path)) < 8:
        assert dying.poll() is None
        await asyncio.sleep(0.01)
    client, ledger = Other(), Ledger(tmp_path / "ledger.sqlite")
    requests = [
        Request(model="x/oak", messages=(Message(role="user", content=f"0-{n}"),)) for n in range(8)
    ]
    waiting = asyncio.gather(*(ledger.ask(each, client, Credentials()) for each in requests))
    await asyncio.sleep(0.3)
    assert client.asked == 0, "the one who asks is waited for while it lives"
    dying.kill()
    dying.communicate()
    died = time.monotonic()
    replies = await asyncio.wait_for(waiting, 10)
    assert time.monotonic() - died < 10
    assert [reply.text for reply in replies] == ["by the living"] * 8
    assert client.asked == 8
    await ledger.drain()
    ledger.close()
