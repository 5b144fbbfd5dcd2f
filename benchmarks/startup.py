"""How long `primum --help` takes beside a one-command Typer app's, and a whole run of the suite.

Both helps are timed in turn, in processes of their own; the ratio is of their medians. Ends with
one JSON line: {"help_over_typer": ..., "run_s": ...}; run_s is the embedded suite on an empty
workspace, imports included.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
TYPER_APP = """
import typer
app = typer.Typer()
@app.command()
def hello(name: str) -> None:
    "Say hello."
app()
"""


def seconds(*command: str) -> float:
    """Wall time of one process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app.py"
        app.write_text(TYPER_APP)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(seconds(sys.executable, "-m", "primum.cli", "--help"))
            theirs.append(seconds(sys.executable, str(app), "--help"))
        run = seconds(
            sys.executable, "-m", "primum.cli", "run", "--workspace", str(Path(folder) / "ws")
        )
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"primum --help {statistics.median(ours):.3f} s, Typer {statistics.median(theirs):.3f} s")
    print(json.dumps({"help_over_typer": round(ratio, 3), "run_s": round(run, 1)}))


if __name__ == "__main__":
    main()
