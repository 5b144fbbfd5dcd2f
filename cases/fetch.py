"""Download of the public NOHARM repository at a pinned commit."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from primum.cases.mast import read_mast
from primum.cases.model import Record, Suite
from primum.core.errors import DataError, ProviderError


class Source(Record):
    """A git repository with a suite, the commit to check out, and the expected number of cases."""

    url: str
    commit: str
    cases: int


NOHARM_SOURCE = Source(
    url="https://github.com/ARISENetwork/mast",
    commit="915a9c02254cab82eff6c1fa5f0a58d382e68483",
    cases=30,
)


def fetch(source: Source, target: Path) -> Suite:
    """Clone a source into a new folder and return its suite; a failure leaves no folder.

    Raises:
        DataError: the folder exists, or the repository does not have the expected suite.
        ProviderError: git is missing, or the repository or the commit cannot be reached.
    """
    if target.exists():
        raise DataError(f"{target}: exists already; remove it or choose another folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{target}: cannot be written: {error.strerror}") from error
    at = f"{source.url} at {source.commit[:12]}"
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as name:
        clone = Path(name) / "clone"
        _git("clone", "--quiet", "--no-checkout", source.url, str(clone))
        _git("checkout", "--quiet", "--detach", source.commit, within=clone)
        try:
            suite = read_mast(clone)
        except DataError as error:
            # The clone is about to go: name the places as the repository does.
            inside = str(error).replace(f"{clone}/", "").replace(str(clone), "the repository")
            raise DataError(f"{at}: {inside}") from None
        if len(suite.cases) != source.cases:
            raise DataError(f"{at}: {len(suite.cases)} cases found, expected {source.cases}")
        shutil.move(clone, target)
    return suite


def _git(*arguments: str, within: Path | None = None) -> None:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
            cwd=within,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    except FileNotFoundError:
        raise ProviderError(
            "git is not installed; install it, or clone the repository by hand"
        ) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
        raise ProviderError(f"git {arguments[0]} failed: {said}")
