"""An OpenAI-compatible server in a process of its own, which answers every role and counts.

`python benchmarks/support/server.py --seconds 0.2` prints its address. A reply takes 0.5 to 1.5
times the seconds given, drawn evenly from a seed; with --constant it takes exactly those.
"""

import argparse
import asyncio
import hashlib
import json
import random
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

SPREAD = 0.5  # a latency is drawn from 1 - SPREAD to 1 + SPREAD times the mean
OPTION = re.compile(r"^(\d+): ", re.MULTILINE)
PLAN = """1. [today] Order test {0}. Why: it is due.
2. [this week] Start drug {0} at a low dose. Why: it helps most patients.
3. [routine] Recheck in six weeks. Why: to see whether it worked."""


def reply(body: dict[str, Any]) -> str:
    """What a docile model says in its role; each model's words differ from the others'."""
    system, user = (message["content"] for message in body["messages"][:2])
    role, model = system.partition("\n")[0].removeprefix("Role: "), body["model"]
    if role == "reviewer":
        return '{"overrides": []}'
    if role == "matcher":
        listed = user.rsplit("<options>\n", 1)[1].split("\n</options>", 1)[0]
        rows = [
            {"option": int(n), "verdict": "none", "evidence": ""} for n in OPTION.findall(listed)
        ]
        return json.dumps({"actions": [], "options": rows})
    if "<menu>\n" not in user:
        return PLAN.format(model)
    listed = user.rsplit("<menu>\n", 1)[1].split("\n</menu>", 1)[0]
    grades = [
        {"Option": int(n), "GradeAI": "Appropriate", "Rationale": f"{model} says so"}
        for n in OPTION.findall(listed)
    ]
    return "[]" if role == "critic" else json.dumps(grades)


class Counting:
    """Answers requests, and counts them from one `/reset` to the next."""

    def __init__(self, seconds: float, *, constant: bool) -> None:
        self._seconds = seconds
        self._spread = 0.0 if constant else SPREAD
        self._runner: web.AppRunner | None = None
        self._clear()

    def _clear(self) -> None:
        self._rng = random.Random(1)
        self._seen: set[bytes] = set()
        self._calls = self._connections = self._in_flight = self._peak = 0
        self._first = self._last = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        """A chat completion, after its latency."""
        self._first = self._first or time.perf_counter()
        self._in_flight += 1
        self._peak = max(self._peak, self._in_flight)
        assert self._runner
        assert self._runner.server
        self._connections = max(self._connections, len(self._runner.server.connections))
        drawn = self._seconds * self._rng.uniform(1 - self._spread, 1 + self._spread)
        due = time.perf_counter() + drawn
        raw = await request.read()
        self._calls += 1
        self._seen.add(hashlib.sha256(raw).digest())
        body = json.loads(raw)
        message = {"role": "assistant", "content": reply(body)}
        answer = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
        }
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        self._in_flight -= 1
        self._last = time.perf_counter()
        return web.json_response(answer)

    async def reset(self, _: web.Request) -> web.Response:
        """What was counted; the count begins anew, and so do the latencies drawn."""
        counted = {
            "calls": self._calls,
            "distinct": len(self._seen),
            "span": self._last - self._first,
            "peak_connections": self._connections,
            "peak_in_flight": self._peak,
        }
        self._clear()
        return web.json_response(counted)

    async def serve(self) -> None:
        """Serve until the process that started this one is done with it."""
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/chat/completions", self.answer)
        app.router.add_post("/reset", self.reset)
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=600)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024).start()
        print(f"http://127.0.0.1:{self._runner.addresses[0][1]}", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextmanager
def serving(seconds: float, *, constant: bool = False) -> Iterator[str]:
    """The address of a server in another process, which ends with the block."""
    command = [sys.executable, __file__, "--seconds", str(seconds)]
    command += ["--constant"] if constant else []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()  # its end


def counted(url: str) -> dict[str, Any]:
    """What the server counted since it was last asked."""
    with urllib.request.urlopen(urllib.request.Request(f"{url}/reset", method="POST")) as said:
        found: dict[str, Any] = json.load(said)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--constant", action="store_true")
    given = parser.parse_args()
    asyncio.run(Counting(given.seconds, constant=given.constant).serve())
