"""core/sql.py: any name and any text comes back from DuckDB and SQLite as it went in."""

import sqlite3

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from primum.core.sql import identifier, literal, literals

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


@given(texts, texts.filter(bool))
def test_a_text_and_a_name_come_back(text: str, name: str) -> None:
    sql = f"select {literal(text)} as {identifier(name)}"
    with duckdb.connect() as connection:
        cursor = connection.execute(sql)
        assert cursor.fetchall() == [(text,)]
        assert cursor.description[0][0] == name
    with sqlite3.connect(":memory:") as memory:
        found = memory.execute(sql)
        assert found.fetchall() == [(text,)]
        assert found.description[0][0] == name


def test_texts_have_commas_between_them() -> None:
    assert literals(["a", "it's"]) == "'a', 'it''s'"
