"""New files and folders: what is there is never written over, and nothing is half-written."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from primum.core.errors import DataError


def write_new(target: Path, text: str | Iterable[str]) -> None:
    """Write a file that is not there yet, whole or not at all; text may come in pieces.

    Raises:
        DataError: it is there, or it cannot be written.
    """
    with new_file(target, "x") as file:
        file.writelines([text] if isinstance(text, str) else text)


@contextmanager
def new_file(target: Path, mode: Literal["x", "xb"]) -> Iterator[IO[Any]]:
    """A file that is not there yet, open for writing; it is gone again if that fails.

    Raises:
        DataError: it is there, or it cannot be written.
    """
    try:
        file = target.open(mode, encoding=None if mode == "xb" else "utf-8")
    except FileExistsError:
        raise DataError(f"{target}: exists already; name a new file") from None
    except OSError as error:
        raise DataError(f"{target}: cannot be written: {error.strerror}") from error
    try:
        with file:
            yield file
    except OSError as error:
        target.unlink(missing_ok=True)
        raise DataError(f"{target}: cannot be written: {error.strerror}") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """Make a folder that is not there yet.

    Raises:
        DataError: it is, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise DataError(f"{folder}: exists already; name a new folder") from None
    except OSError as error:
        raise DataError(f"{folder}: cannot be made: {error.strerror}") from error
