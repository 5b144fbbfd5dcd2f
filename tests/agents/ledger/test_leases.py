"""agents/ledger/leases.py: who makes a call, while it lives, and only while it lives."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from primum.agents.ledger import leases
from primum.agents.ledger.leases import Leases
from primum.core.errors import DataError


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.6)


@pytest.fixture
def two(short: None, tmp_path: Path) -> Iterator[tuple[Leases, Leases]]:  # noqa: ARG001
    pair = Leases(tmp_path / "x.leases"), Leases(tmp_path / "x.leases")
    yield pair
    for one in pair:
        one.close()


def test_a_lease_is_held_however_busy_its_holder_is(two: tuple[Leases, Leases]) -> None:
    one, other = two
    assert one.take("key")
    until = time.monotonic() + 1.5
    while time.monotonic() < until:  # as where a long text is matched in the event loop
        sum(range(1_000))
    assert not other.take("key")
    one.release("key")
    assert other.take("key")


def test_a_lease_of_one_that_is_closed_is_free(two: tuple[Leases, Leases]) -> None:
    one, other = two
    assert one.take("key")
    one.close()
    assert other.take("key")


def test_a_process_of_another_container_may_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number means nothing here, though the machine has the same name."""
    monkeypatch.setattr(leases, "_this_host", lambda: "host/pid[1]")
    there = Leases(tmp_path / "x.leases")
    there.owner = "host/pid[1]:999999999:0"
    assert there.take("key")
    monkeypatch.setattr(leases, "_this_host", lambda: "host/pid[2]")
    here = Leases(tmp_path / "x.leases")
    assert not here.take("key")
    monkeypatch.setattr(leases, "_this_host", lambda: "host/pid[1]")
    assert here.take("key"), "here nobody has that number"
    there.close()
    here.close()


def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.leases"
    with sqlite3.connect(path) as db:
        db.execute("create table leases (something text)")
    db.close()
    held = Leases(path)
    for act in (held.take, held.release):
        with pytest.raises(DataError, match=r"x\.leases: the leases cannot be used: ") as refused:
            act("key")
        assert "\n" not in str(refused.value)
    held.close()
