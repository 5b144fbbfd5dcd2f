"""What a workspace keeps of a study beside its calls: manifest, suite and imported answers.

Ledger and archive are all that a study's figures rest on.
"""

import os
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ValidationError

from primum.agents.replies.reader import READER_VERSION
from primum.agents.specs.model import digest
from primum.agents.studies.extensions import (
    ExtensionUse,
    require_extensions,
    require_no_other_metrics,
)
from primum.agents.studies.study import Study
from primum.cases.model import Suite
from primum.cases.native import dumps, read_native
from primum.core.documents import is_there, read_text
from primum.core.errors import DataError
from primum.prompts.render import templates_digest

DIGITS = 16  # of a digest in a file's name


def suite_digest(suite: Suite) -> str:
    """What a study knows its suite by."""
    return digest(suite.model_dump(mode="json"))


def save_study(
    workspace: Path,
    study: Study,
    suite: Suite,
    answers: str | None = None,
    started: datetime | None = None,
) -> None:
    """Write a study's manifest and its suite; `answers` is the text of an imported file.

    What stands there already is left alone, unless it was changed; the manifest's time of change
    becomes that at which the study's latest run started, where that is given.

    Raises:
        DataError: they cannot be written.
    """
    kept = {
        _suite_path(workspace, study): dumps(suite),
        _answers_path(workspace, study): answers,
        _manifest_path(workspace, study): study.model_dump_json(indent=1) + "\n",
    }
    try:
        workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, text in kept.items():
            if text is not None and not _holds(path, text):
                _write(path, text)
        if started:
            os.utime(_manifest_path(workspace, study), (started.timestamp(), started.timestamp()))
    except OSError as error:
        raise DataError(f"{workspace}: the study cannot be stored: {error.strerror}") from error


def delete_study(workspace: Path, study: Study) -> None:
    """Take back a study's manifest; its suite and answers may be another's too."""
    _manifest_path(workspace, study).unlink(missing_ok=True)


def find_study(workspace: Path, name: str) -> tuple[Study, Suite]:
    """A study's manifest and suite, by its id or the beginning of one.

    Raises:
        DataError: none or several begin so, or a file is damaged.
    """
    folder = workspace / "studies"
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    exact = [path for path in paths if path.stem == name]
    found = exact or [path for path in paths if path.stem.startswith(name)]
    if len(found) != 1:
        known = ", ".join(path.stem for path in found or paths) or "none; `primum run` makes one"
        which = "no such study" if not found else "several studies"
        raise DataError(f"{name}: {which} in {workspace}; there are {known}")
    return _load(workspace, found[0])


def manifests(workspace: Path) -> dict[str, datetime]:
    """The ids of a workspace's studies, and when the latest run of each began (UTC), in that order.

    Raises:
        DataError: they cannot be listed.
    """
    try:
        paths = list((workspace / "studies").glob("*.json"))
        began = {path.stem: datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in paths}
    except OSError as error:
        raise DataError(f"{workspace}: its studies cannot be listed: {error.strerror}") from error
    return dict(sorted(began.items(), key=lambda item: (item[1], item[0])))


class _Uses(BaseModel):
    """The part of a manifest that can be read before its extensions are loaded."""

    extensions: tuple[ExtensionUse, ...] = ()


def _load(workspace: Path, path: Path) -> tuple[Study, Suite]:
    try:
        manifest = path.read_bytes()
        require_extensions(_Uses.model_validate_json(manifest).extensions, path.stem)
        study = Study.model_validate_json(manifest)
    except (OSError, ValidationError):
        raise DataError(f"{path}: not a manifest of this version of Primum") from None
    suite = read_native(_suite_path(workspace, study))
    if study.id != path.stem or suite_digest(suite) != study.suite_digest:
        raise DataError(f"{path}: the manifest or its suite was changed; run the study again")
    return study, suite


def require_prompts(study: Study) -> None:
    """Refuse to ask or answer a study's questions by prompts that are not its own.

    Raises:
        DataError: this Primum's templates are others.
    """
    if study.prompts != templates_digest():
        raise DataError(
            f"{study.id}: its prompts, of Primum {study.version}, are not those that are installed "
            f"here ({version('primum')}); install them, or run the study anew"
        )


def require_readable(study: Study) -> None:
    """Refuse to ask a study's questions, or read its replies again, by other means than its own.

    Raises:
        DataError: this Primum's templates are others, or its reader is of another version.
    """
    require_prompts(study)
    read_by = study.protocol.reader.version
    if read_by != READER_VERSION:
        raise DataError(
            f"{study.id}: version {read_by} of the reader, of Primum {study.version}, read its "
            f"replies; here is version {READER_VERSION}, of {version('primum')}, which may read "
            "them otherwise: install the other, or run the study anew (calls in the ledger are "
            "not repeated)"
        )


def require_resumable(study: Study) -> None:
    """Refuse to go on with a study under another version's name.

    Raises:
        DataError: another version of Primum began it, its prompts or its reader are others, or an
            extension that it does not name would add metrics.
    """
    require_readable(study)
    require_no_other_metrics(study)
    own = version("primum")
    if study.version != own:
        raise DataError(
            f"{study.id}: it was started by Primum {study.version}, this is {own}; run it anew: "
            "calls in the ledger are not repeated"
        )


def imported_answers_path(workspace: Path, study: Study) -> Path | None:
    """The file of a study's imported answers; None where it has none.

    Raises:
        DataError: it is gone, or was changed.
    """
    if study.imported is None:
        return None
    path = _answers_path(workspace, study)
    if not is_there(path) or digest(read_text(path)) != study.imported:
        raise DataError(f"{path}: the imported answers are gone or changed; import them again")
    return path


def _manifest_path(workspace: Path, study: Study) -> Path:
    return workspace / "studies" / f"{study.id}.json"


def _suite_path(workspace: Path, study: Study) -> Path:
    return workspace / "suites" / f"{study.suite_digest[:DIGITS]}.jsonl"


def _answers_path(workspace: Path, study: Study) -> Path:
    return workspace / "answers" / f"{(study.imported or '')[:DIGITS]}.jsonl"


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_bytes() == text.encode()


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all, for its owner only."""
    path.parent.mkdir(exist_ok=True, mode=0o700)
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
