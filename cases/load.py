"""Load a suite by name or path, and save it in one of three layouts."""

import tempfile
from pathlib import Path
from typing import Literal

from primum.cases.mast import read_mast, write_mast
from primum.cases.menu import render_menu
from primum.cases.model import Suite
from primum.cases.native import read_native, write_native
from primum.core.documents import is_there
from primum.core.errors import DataError

DEMO = Path(__file__).parent / "demo" / "suite.jsonl"
Format = Literal["native", "mast", "menu"]


def load_suite(name: str) -> Suite:
    """The suite of a name: "demo", a native .jsonl file, or a folder in the published layout.

    Raises:
        DataError: the file or folder does not exist, or is not a valid suite.
    """
    path = DEMO if name == "demo" else Path(name)
    if not name or not is_there(path):
        raise DataError(f"{name}: no such suite; give 'demo', a .jsonl file or a folder")
    return read_mast(path) if path.is_dir() else read_native(path)


def save_suite(suite: Suite, path: Path, form: Format) -> None:
    """Write a suite to a new path in one of the layouts.

    `menu` writes one text file for each item: presentation and numbered options, no annotation.

    Raises:
        DataError: the path exists or cannot be written.
    """
    if is_there(path):
        raise DataError(f"{path}: exists already; choose a new path")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            part = Path(folder) / "part"
            if form == "native":
                write_native(suite, part)
            elif form == "mast":
                write_mast(suite, part)
            else:
                _write_menus(suite, part)
            part.rename(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from error


def _write_menus(suite: Suite, folder: Path) -> None:
    folder.mkdir()
    for item in suite.items():
        text = f"{item.presentation}\n\n{render_menu(item.public.menu)}\n"
        (folder / f"{item.id}.txt").write_text(text, encoding="utf-8")
