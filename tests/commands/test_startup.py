"""`primum --help` loads none of the heavy libraries."""

import subprocess
import sys

HEAVY = (
    "litellm",
    "langgraph",
    "langchain_core",
    "duckdb",
    "pydantic",
    "numpy",
    "scipy",
    "rich",
    "yaml",
)

PROGRAM = f"""
import sys
from primum.cli import app
try:
    app(["--help"])
except SystemExit:
    pass
print([name for name in {HEAVY!r} if name in sys.modules])
"""


def test_help_is_light() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert "Research software, not a medical device" in " ".join(done.stdout.split())
    assert done.stdout.splitlines()[-1] == "[]"


def test_import_makes_no_connection() -> None:
    """Every room, LiteLLM included, is imported with sockets that refuse."""
    program = """
import socket
def refuse(*_, **__): raise AssertionError("a connection at import")
socket.socket.connect = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
import primum.cli, primum.graphs.execution.runner, primum.evaluation.store.recorder, primum.evaluation.store.query
from primum.agents.models.litellm_setup import load_litellm
load_litellm()
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "done", done.stderr
