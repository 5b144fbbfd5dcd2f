"""Creation of new files and folders: nothing is overwritten, and no partial file is left."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from primum.core.errors import DataError


def write_new(target: Path, text: str | Iterable[str]) -> None:
    """Write a new file, completely or not at all; the text may come in pieces.

    Raises:
        DataError: it exists, or it cannot be written.
    """
    with new_file(target, "x") as file:
        file.writelines([text] if isinstance(text, str) else text)


@contextmanager
def new_file(target: Path, mode: Literal["x", "xb"]) -> Iterator[IO[Any]]:
    """A new file, open for writing; it is removed if writing fails.

    Raises:
        DataError: it exists, or it cannot be written.
    """
    try:
        file = target.open(mode, encoding=None if mode == "xb" else "utf-8")
    except FileExistsError:
        raise DataError(f"{target}: exists already; choose a new file") from None
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
    """Create a new folder.

    Raises:
        DataError: it exists, or it cannot be created.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise DataError(f"{folder}: exists already; choose a new folder") from None
    except OSError as error:
        raise DataError(f"{folder}: cannot be created: {error.strerror}") from error
