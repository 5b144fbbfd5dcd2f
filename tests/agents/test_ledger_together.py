"""Several processes that open one ledger at the same instant."""

import subprocess
import sys
from pathlib import Path

OPEN = """
import asyncio, sys, time
from pathlib import Path
from primum.agents.ledger import Ledger

async def main():
    while time.time() < float(sys.argv[2]):
        pass
    Ledger(Path(sys.argv[1])).close()

asyncio.run(main())
"""


def test_all_can_open_it(tmp_path: Path) -> None:
    import time

    for number in range(3):
        start = time.time() + 2.0
        command = [sys.executable, "-c", OPEN, str(tmp_path / f"{number}.sqlite"), str(start)]
        opened = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        said = [process.communicate(timeout=60)[1] for process in opened]
        assert [process.returncode for process in opened] == [0] * 4, said
