"""agents/ledger/database.py and audit.py: one flipped bit in any record is found, and nothing of it served."""

import random
import sqlite3
from pathlib import Path

import pytest

from primum.agents.ledger.database import MIGRATIONS, Record
from primum.agents.ledger.maintenance import damaged, open_record
from primum.agents.models.client import Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.core.errors import DataError

CALLS = 1_000


def question(n: int) -> Request:
    return Request(model="x/oak", messages=(Message(role="user", content=f"Fieber? №{n}"),))


async def fill(workspace: Path, calls: int) -> list[str]:
    record = Record(workspace / "ledger.sqlite")
    record._db.execute("pragma synchronous = off")  # no power fails here
    for n in range(calls):
        request = question(n)
        outcome = list(Outcome)[n % len(Outcome)]
        await record.put(request, Reply(outcome=outcome, text=f"“ünd” {n}\n" * 3))
    record.close()
    return sorted(question(n).key for n in range(calls))


def flip_a_bit(text: str, chance: random.Random) -> str:
    where, bit = chance.randrange(len(text)), 1 << chance.randrange(7)
    return text[:where] + chr(ord(text[where]) ^ bit) + text[where + 1 :]


def damage(workspace: Path, columns: list[str], seed: int) -> None:
    """Flip one random bit of one of these columns in every record."""
    chance = random.Random(seed)
    db = sqlite3.connect(workspace / "ledger.sqlite")
    for (key,) in db.execute("select key from calls order by key").fetchall():
        column = chance.choice(columns)
        (text,) = db.execute(f"select {column} from calls where key = ?", (key,)).fetchone()
        changed = (flip_a_bit(text, chance), key)
        db.execute(f"update calls set {column} = ? where key = ?", changed)
    db.commit()
    db.close()


async def test_each_of_a_thousand_damaged_records_is_found_and_none_served(tmp_path: Path) -> None:
    keys = await fill(tmp_path, CALLS)
    whole = open_record(tmp_path)
    assert damaged(whole) == (CALLS, [])
    assert all(whole.get(key) for key in keys)
    whole.close()
    damage(tmp_path, ["request", "reply", "sha256"], seed=1)
    record = open_record(tmp_path)
    assert damaged(record) == (CALLS, keys)
    for key in keys:
        with pytest.raises(DataError, match=f"call {key[:12]}: the record is damaged"):
            record.get(key)
    record.close()


async def test_one_damaged_record_among_whole_ones_is_the_only_one_found(tmp_path: Path) -> None:
    keys = await fill(tmp_path, 50)
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    db.execute("update calls set reply = replace(reply, ?, ?) where key = ?", ("ü", "u", keys[7]))
    db.commit()
    db.close()
    record = open_record(tmp_path)
    assert damaged(record) == (50, [keys[7]])
    assert sum(record.get(key) is not None for key in keys if key != keys[7]) == 49
    record.close()


async def test_a_damaged_key_is_found_and_answers_nothing(tmp_path: Path) -> None:
    keys = await fill(tmp_path, 50)
    damage(tmp_path, ["key"], seed=2)
    record = open_record(tmp_path)
    found = damaged(record)
    assert (found.calls, len(found.keys)) == (50, 50)
    assert [record.get(key) for key in keys] == [None] * 50
    for key in found.keys:
        with pytest.raises(DataError, match="damaged"):
            record.get(key)
    record.close()


async def test_a_damaged_outcome_is_found(tmp_path: Path) -> None:
    keys = await fill(tmp_path, 50)
    damage(tmp_path, ["outcome"], seed=3)
    record = open_record(tmp_path)
    found = damaged(record)
    record.close()
    assert found == (50, keys)


async def test_a_file_of_a_later_version_is_refused_in_one_line_and_left_alone(
    tmp_path: Path,
) -> None:
    path, later = tmp_path / "ledger.sqlite", len(MIGRATIONS) + 1
    keys = await fill(tmp_path, 3)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"pragma user_version = {later}")
    db.close()
    before = path.read_bytes()
    with pytest.raises(DataError) as caught:
        open_record(tmp_path)
    said = str(caught.value)
    assert said == f"{path}: not a ledger of this version of Primum; move it away"
    assert path.read_bytes() == before
    del caught
    db = sqlite3.connect(path, isolation_level=None)
    assert db.execute("pragma user_version").fetchone() == (later,)
    assert [key for (key,) in db.execute("select key from calls order by key")] == keys
    db.close()


async def test_a_refused_file_is_not_kept_locked(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    await fill(tmp_path, 1)
    db = sqlite3.connect(path, isolation_level=None, timeout=0.2)
    db.execute(f"pragma user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(DataError) as caught:
        open_record(tmp_path)
    db.execute(f"pragma user_version = {len(MIGRATIONS)}")  # while the error is still held
    db.close()
    assert "\n" not in str(caught.value)
