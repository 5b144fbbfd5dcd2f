"""A real HTTP proxy on loopback, which answers for every endpoint and wants a password."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from primum.tests.conftest import completion

USER, PASSWORD = "ward", "open-sesame"
OLLAMA = {
    "model": "x",
    "created_at": "2026-11-01T00:00:00Z",
    "message": {"role": "assistant", "content": "through it"},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 9,
    "eval_count": 3,
}


@dataclass
class Proxy:
    """What a proxy was asked: the method and the target of each request, and its authorization.

    `tunnel` is the status with which it answers CONNECT; nothing is behind a tunnel.
    """

    port: int
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    tunnel: int = 200

    @property
    def url(self) -> str:
        """Its address, with its user name and password."""
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.port}"


@contextmanager
def proxying() -> Iterator[Proxy]:
    """The proxy, running in a thread of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def _note(self) -> None:
            authorization = self.headers.get("Proxy-Authorization", "")
            proxy.asked.append((self.command, self.path, authorization))

        def do_POST(self) -> None:
            self._note()
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = OLLAMA if self.path.endswith("/api/chat") else completion("through it")[1]
            raw = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_CONNECT(self) -> None:
            self._note()
            self.send_response(proxy.tunnel)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy = Proxy(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
