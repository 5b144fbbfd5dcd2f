"""Fetching from a real git repository."""

import subprocess
from pathlib import Path

import pytest

from primum.cases.fetch import NOHARM_SOURCE, Source, fetch
from primum.cases.load import load_suite, save_suite
from primum.cases.model import Suite
from primum.core.errors import DataError, PrimumError, ProviderError

DATASET = Path("benchmarks") / "donoharm" / "dataset"


def git(repository: Path, *arguments: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *who, "-C", str(repository), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(repository: Path) -> str:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "change")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tiny_suite: Suite, tmp_path: Path) -> Path:
    """A public repository, laid out as the one that holds NOHARM."""
    path = tmp_path / "public"
    save_suite(tiny_suite, path / "benchmarks" / "donoharm", "mast")
    git(path, "init", "--quiet")
    return path


@pytest.fixture
def source(repository: Path) -> Source:
    """The repository at a commit that is not its newest: one case went after it."""
    first = commit(repository)
    (repository / DATASET / "rubrics" / "EndoTiny1.json").unlink()
    commit(repository)
    return Source(url=str(repository), commit=first, cases=2)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "workspace" / "suites" / "noharm"


def refusal(kind: type[PrimumError], source: Source, target: Path) -> str:
    """The one line of a failed fetch, which leaves nothing behind."""
    with pytest.raises(PrimumError) as caught:
        fetch(source, target)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    assert not target.exists()
    assert list(target.parent.iterdir()) == []
    return str(caught.value)


def test_fetch_at_a_commit(source: Source, target: Path, tiny_suite: Suite) -> None:
    suite = fetch(source, target)
    assert (suite.cases, suite.variants) == (tiny_suite.cases, tiny_suite.variants)
    assert load_suite(str(target)) == suite
    assert git(target, "rev-parse", "HEAD") == source.commit
    assert git(target, "status", "--porcelain") == ""
    assert [path.name for path in target.parent.iterdir()] == ["noharm"]


def test_commit_that_is_not_there(source: Source, target: Path) -> None:
    wrong = source.model_copy(update={"commit": "0" * 40})
    message = refusal(ProviderError, wrong, target)
    assert "0" * 40 in message
    assert message.startswith("git checkout failed: ")


@pytest.mark.parametrize("url", ["{}/nowhere", "file://{}/nowhere", "http://127.0.0.1:1/nowhere"])
def test_url_that_cannot_be_reached(source: Source, target: Path, tmp_path: Path, url: str) -> None:
    wrong = source.model_copy(update={"url": url.format(tmp_path)})
    message = refusal(ProviderError, wrong, target)
    assert message.startswith("git clone failed: ")
    assert "nowhere" in message or "127.0.0.1" in message


def test_wrong_number_of_cases(source: Source, target: Path) -> None:
    message = refusal(DataError, source.model_copy(update={"cases": 30}), target)
    assert "2 cases found, expected 30" in message
    assert message.startswith(f"{source.url} at {source.commit[:12]}: ")


def test_damaged_rubric(source: Source, repository: Path, target: Path) -> None:
    path = repository / DATASET / "rubrics" / "CardTiny1.json"
    lines = path.read_text("utf-8").split("\n")
    lines[10] = lines[10].replace("1", "10")
    path.write_text("\n".join(lines), "utf-8")
    bad = source.model_copy(update={"commit": commit(repository)})
    message = refusal(DataError, bad, target)
    assert f"{DATASET / 'rubrics' / 'CardTiny1.json'}:11: options[0].score: " in message


def test_damage_is_named_where_it_can_be_found(
    source: Source, repository: Path, target: Path
) -> None:
    """The clone is gone by then: a path within it would send the reader nowhere."""
    (repository / DATASET / "rubrics" / "CardTiny1.json").write_text("{", "utf-8")
    bad = source.model_copy(update={"commit": commit(repository)})
    message = refusal(DataError, bad, target)
    assert ".fetch-" not in message
    assert bad.commit[:12] in message


def test_repository_without_a_suite(source: Source, repository: Path, target: Path) -> None:
    git(repository, "rm", "-r", "--quiet", str(DATASET))
    (repository / "README.md").write_text("moved", "utf-8")
    bad = source.model_copy(update={"commit": commit(repository)})
    assert "the folder has no suite" in refusal(DataError, bad, target)


@pytest.mark.parametrize("held", ["file", "folder"])
def test_target_that_exists_is_left_alone(source: Source, target: Path, held: str) -> None:
    target.parent.mkdir(parents=True)
    if held == "file":
        target.write_text("mine", "utf-8")
    else:
        target.mkdir()
    with pytest.raises(DataError, match="noharm: exists already; remove it or choose another"):
        fetch(source, target)
    assert [path.name for path in target.parent.iterdir()] == ["noharm"]
    assert target.read_text("utf-8") == "mine" if held == "file" else not any(target.iterdir())


def test_target_below_a_file(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(DataError, match="file"):
        fetch(source, tmp_path / "file" / "noharm")
    assert (tmp_path / "file").read_text("utf-8") == "mine"


def test_without_git(
    source: Source, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "git is not installed" in refusal(ProviderError, source, target)


def test_public_suite_is_pinned_to_a_whole_commit() -> None:
    """FACTS.md: 30 open cases in ARISENetwork/mast, for instance at 915a9c02."""
    assert NOHARM_SOURCE.url == "https://github.com/ARISENetwork/mast"
    assert len(NOHARM_SOURCE.commit) == 40
    assert int(NOHARM_SOURCE.commit, 16)
    assert NOHARM_SOURCE.cases == 30
