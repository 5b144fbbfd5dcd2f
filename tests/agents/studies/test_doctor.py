"""agents/studies/doctor.py: what a run needs and whether it is there."""

import socket
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from primum.agents.specs.model import ModelSpec
from primum.agents.studies.doctor import LIBRARIES, Check, run_checks

SECRET = "sk-a-very-secret-key"


def model(
    id_: str = "x/oak", *, key_env: str | None = None, api_base: str | None = None
) -> ModelSpec:
    return ModelSpec(id=id_, family="gpt", access="open", key_env=key_env, api_base=api_base)


def of(checks: list[Check], what: str) -> Check:
    (found,) = (check for check in checks if check.what == what)
    return found


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_versions_are_those_installed(tmp_path: Path) -> None:
    checks = run_checks({"oak": model()}, tmp_path)
    assert {library: of(checks, library).found for library in LIBRARIES} == {
        library: version(library) for library in LIBRARIES
    }
    assert of(checks, "python").found.startswith("3.")
    assert all(check.ok for check in checks)


@pytest.mark.parametrize(("value", "ok"), [(SECRET, True), ("", False), (None, False)])
def test_a_key_is_named_and_never_shown(
    value: str | None, ok: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANOTHER_KEY", SECRET)
    monkeypatch.delenv("OAK_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("OAK_KEY", value)
    checks = run_checks({"oak": model(key_env="OAK_KEY")}, tmp_path)
    assert of(checks, "model oak: key").ok is ok
    assert "OAK_KEY" in of(checks, "model oak: key").found
    assert SECRET not in str(checks)


def test_an_endpoint_that_listens_answers(listening: int, tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{listening}/v1"
    check = of(run_checks({"oak": model(api_base=base)}, tmp_path), "model oak: endpoint")
    assert check == Check(True, "model oak: endpoint", f"{base} answers")


def test_an_endpoint_that_is_closed_cannot_be_reached(closed: int, tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{closed}/v1"
    check = of(run_checks({"oak": model(api_base=base)}, tmp_path), "model oak: endpoint")
    assert check == Check(False, "model oak: endpoint", f"{base} cannot be reached")


@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:80a/v1",
        "http://127.0.0.1:99999/v1",
        "http://[::1",
        "http://.example/v1",
        f"http://{'a' * 70}.example/v1",
    ],
)
def test_a_mistyped_endpoint_is_a_finding_and_not_the_end(base: str, tmp_path: Path) -> None:
    checks = run_checks({"oak": model(api_base=base), "elm": model("x/elm")}, tmp_path)
    assert of(checks, "model oak: endpoint").ok is False
    assert of(checks, "workspace").ok


def test_simulated_models_need_neither_key_nor_endpoint(closed: int, tmp_path: Path) -> None:
    simulated = model("sim/oak", key_env="NO_SUCH_KEY", api_base=f"http://127.0.0.1:{closed}")
    checks = run_checks({"oak": simulated}, tmp_path)
    assert of(checks, "model oak").ok
    assert all(check.ok for check in checks)


def test_every_model_of_the_panel_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAK_KEY", SECRET)
    monkeypatch.delenv("ELM_KEY", raising=False)
    checks = run_checks(
        {"oak": model(key_env="OAK_KEY"), "elm": model(key_env="ELM_KEY")}, tmp_path
    )
    assert [check.what for check in checks if not check.ok] == ["model elm: key"]


def test_a_workspace_that_is_not_there_yet_is_fine_and_stays_so(tmp_path: Path) -> None:
    wanted = tmp_path / "new" / "data"
    assert of(run_checks({"oak": model()}, wanted), "workspace").ok
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "data"])
def test_a_workspace_where_a_file_is_cannot_be_written(below: str, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("a file")
    check = of(run_checks({"oak": model()}, file / below), "workspace")
    assert not check.ok
    assert str(file) in check.found
