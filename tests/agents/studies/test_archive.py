"""agents/studies/archive.py: what a workspace keeps of a study, and that it is what was kept."""

import json
import resource
import stat
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from primum.agents.protocols.protocol import ReaderUse
from primum.agents.replies.reader import READER_VERSION, Reader
from primum.agents.specs.model import digest
from primum.agents.studies.archive import (
    delete_study,
    find_study,
    imported_answers_path,
    require_prompts,
    require_readable,
    require_resumable,
    save_study,
    suite_digest,
)
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.cases.model import Suite
from primum.core.errors import DataError

ANSWERS = '{"id": "CardTiny1", "trial": 1, "response": "Order test A \u2026"}\n'


@pytest.fixture
def study(tiny_suite: Suite) -> Study:
    return Study(
        suite=tiny_suite.info,
        suite_digest=suite_digest(tiny_suite),
        models={},
        ensembles=(ensemble_of(name="control:key", graph="control"),),
        trials=1,
        seed=0,
        version="0",
    )


@pytest.fixture
def other(study: Study) -> Study:
    """The same with other answers, from a file."""
    return study.model_copy(update={"seed": 1, "imported": digest(ANSWERS)})


@pytest.fixture
def ws(tmp_path: Path) -> Path:
    return tmp_path / "ws"


def refused(act: Callable[[], object]) -> str:
    """The one line that an act ends with."""
    with pytest.raises(DataError) as caught:
        act()
    line = str(caught.value)
    assert "\n" not in line
    return line


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_a_study_is_found_by_its_id_or_the_beginning_of_one(
    ws: Path, study: Study, tiny_suite: Suite
) -> None:
    save_study(ws, study, tiny_suite)
    for name in (study.id, study.id[:-3], "t"):
        assert find_study(ws, name) == (study, tiny_suite)
    assert imported_answers_path(ws, study) is None


def test_an_id_that_another_begins_with_is_still_one_study(ws: Path, study: Study, tiny_suite: Suite) -> None:  # fmt: skip
    save_study(ws, study, tiny_suite)
    longer = tiny_suite.model_copy(update={"info": tiny_suite.info.model_copy(update={"name": study.id})})  # fmt: skip
    long = study.model_copy(update={"suite": longer.info, "suite_digest": suite_digest(longer)})
    save_study(ws, long, longer)
    assert long.id.startswith(study.id)
    assert find_study(ws, study.id) == (study, tiny_suite)
    assert find_study(ws, long.id) == (long, longer)


def test_no_study_or_several_is_said_with_those_that_are_there(
    ws: Path, study: Study, other: Study, tiny_suite: Suite
) -> None:
    assert refused(lambda: find_study(ws, "tiny")) == (
        f"tiny: no such study in {ws}; there are none; `primum run` makes one"
    )
    save_study(ws, study, tiny_suite)
    save_study(ws, other, tiny_suite, ANSWERS)
    both = ", ".join(sorted((study.id, other.id)))
    assert refused(lambda: find_study(ws, "tiny-")) == (
        f"tiny-: several studies in {ws}; there are {both}"
    )
    assert refused(lambda: find_study(ws, "../ws")) == (
        f"../ws: no such study in {ws}; there are {both}"
    )


@pytest.mark.parametrize(
    ("old", "new"), [('"trials": 1', '"trials": 2'), ('"control:key"', '"control:coin"')]
)
def test_a_changed_manifest_is_refused_by_its_name(
    old: str, new: str, ws: Path, study: Study, tiny_suite: Suite
) -> None:
    save_study(ws, study, tiny_suite)
    manifest = only(ws / "studies")
    text = manifest.read_text()
    assert text.count(old) == 1
    manifest.write_text(text.replace(old, new))
    line = refused(lambda: find_study(ws, study.id))
    assert line.startswith(f"{manifest}: the manifest or its suite was changed")


@pytest.mark.parametrize("text", ["", "{", '{"suite": 1}', "\x00", "[]"])
def test_what_is_no_manifest_is_refused(
    text: str, ws: Path, study: Study, tiny_suite: Suite
) -> None:
    save_study(ws, study, tiny_suite)
    only(ws / "studies").write_text(text)
    assert "not a manifest of this version" in refused(lambda: find_study(ws, study.id))


def test_a_changed_or_missing_suite_is_refused(ws: Path, study: Study, tiny_suite: Suite) -> None:
    save_study(ws, study, tiny_suite)
    suite = only(ws / "suites")
    suite.write_text(suite.read_text().replace('"score": 9', '"score": 8').replace('"score":9', '"score":8'))  # fmt: skip
    assert study.id in refused(lambda: find_study(ws, study.id))
    suite.write_text("not a suite\n")
    assert str(suite) in refused(lambda: find_study(ws, study.id))
    suite.unlink()
    assert str(suite) in refused(lambda: find_study(ws, study.id))


def test_the_same_study_again_mends_what_was_changed(
    ws: Path, other: Study, tiny_suite: Suite
) -> None:
    """Running or importing it again is what the error asks for."""
    save_study(ws, other, tiny_suite, ANSWERS)
    for folder in ("suites", "answers", "studies"):
        only(ws / folder).write_text("changed")
        save_study(ws, other, tiny_suite, ANSWERS)
        assert find_study(ws, other.id) == (other, tiny_suite)
        assert imported_answers_path(ws, other) == only(ws / "answers")


def test_imported_answers_are_the_very_text_or_refused(
    ws: Path, other: Study, tiny_suite: Suite
) -> None:
    save_study(ws, other, tiny_suite, ANSWERS)
    path = imported_answers_path(ws, other)
    assert path is not None
    assert path.read_bytes() == ANSWERS.encode()
    path.write_text(ANSWERS.replace("test A", "test B"))
    assert refused(lambda: imported_answers_path(ws, other)).startswith(
        f"{path}: the imported answers are"
    )
    path.unlink()
    assert "import them again" in refused(lambda: imported_answers_path(ws, other))


def test_all_of_it_is_its_owners_only(ws: Path, other: Study, tiny_suite: Suite) -> None:
    save_study(ws, other, tiny_suite, ANSWERS)
    paths = [ws, *ws.rglob("*")]
    assert len(paths) == 1 + 2 * 3
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_stands_there_is_not_written_again(ws: Path, study: Study, tiny_suite: Suite) -> None:
    save_study(ws, study, tiny_suite)
    before = {path: path.stat().st_mtime_ns for path in ws.rglob("*")}
    save_study(ws, study, tiny_suite)
    assert {path: path.stat().st_mtime_ns for path in ws.rglob("*")} == before


def test_a_full_disk_leaves_no_half_of_a_file(ws: Path, other: Study, tiny_suite: Suite) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(ANSWERS) // 2, hard))
    try:
        line = refused(lambda: save_study(ws, other, tiny_suite, ANSWERS))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert line.startswith(f"{ws}: the study cannot be stored: ")
    assert [path for path in ws.rglob("*") if path.is_file()] == []
    save_study(ws, other, tiny_suite, ANSWERS)
    assert find_study(ws, "tiny") == (other, tiny_suite)


def test_without_its_suite_no_manifest_is_written(
    ws: Path, study: Study, tiny_suite: Suite
) -> None:
    ws.mkdir()
    (ws / "suites").write_text("in the way")
    assert "the study cannot be stored" in refused(lambda: save_study(ws, study, tiny_suite))
    assert "there are none" in refused(lambda: find_study(ws, study.id))


def test_a_forgotten_study_leaves_what_others_rest_on(
    ws: Path, study: Study, other: Study, tiny_suite: Suite
) -> None:
    save_study(ws, study, tiny_suite)
    save_study(ws, other, tiny_suite, ANSWERS)
    delete_study(ws, study)
    delete_study(ws, study)
    assert find_study(ws, "tiny") == (other, tiny_suite)
    assert json.loads(only(ws / "studies").read_text())["seed"] == 1
    assert imported_answers_path(ws, other) == only(ws / "answers")


def test_a_study_of_other_prompts_or_another_version_is_not_gone_on_with(study: Study) -> None:
    require_prompts(study)
    own = version("primum")
    assert refused(lambda: require_resumable(study)) == (
        f"{study.id}: it was started by Primum 0, this is {own}; run it anew: calls in the ledger are "
        "not repeated"
    )
    require_resumable(study.model_copy(update={"version": own}))
    other = study.model_copy(update={"version": own, "prompts": "0" * 64})
    assert other.id != study.model_copy(update={"version": own}).id
    for require in (require_prompts, require_resumable):
        line = refused(lambda refuse=require: refuse(other))  # type: ignore[misc]
        assert line.startswith(f"{other.id}: its prompts, of Primum {own}, are not those that are")


def test_a_study_that_another_version_of_the_reader_read_is_not_read_again(study: Study) -> None:
    require_readable(study)
    strict = study.protocol.model_copy(update={"reader": ReaderUse(name=Reader.STRICT)})
    assert study.model_copy(update={"protocol": strict}).id != study.id, "it is part of the id"
    old = study.protocol.model_copy(update={"reader": ReaderUse(version=READER_VERSION - 1)})
    other = study.model_copy(update={"version": version("primum"), "protocol": old})
    for require in (require_readable, require_resumable):
        line = refused(lambda refuse=require: refuse(other))  # type: ignore[misc]
        before, here = READER_VERSION - 1, f"version {READER_VERSION}, of {version('primum')}"
        assert line.startswith(f"{other.id}: version {before} of the reader, of Primum ")
        assert here in line
        assert "run the study anew" in line
