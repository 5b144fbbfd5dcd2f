"""`primum power`: what it prints, and one line for what it cannot do."""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from primum.tests.paths import DOCS

pytestmark = pytest.mark.long

Command = Callable[..., Any]
PAGE = (DOCS / "power.md").read_text()
SMALL = ("--cases", "10,30", "--trials", "1,2", "--studies", "40")


def test_one_json_object_with_every_design(primum: Command) -> None:
    sides = ("--ensemble", "trio", "--against", "aspen-small")
    words = ("power", *sides, *SMALL, "--metric", "Omissions", "--contrasts", "2", "--json")
    done = primum(*words)
    assert done.returncode == 0, done.stderr
    assert primum(*words).stdout == done.stdout
    found = json.loads(done.stdout)
    assert found["simulated"] is True
    assert found["notice"][0].startswith(
        "SIMULATED: power under the error model of the simulated clinicians"
    )
    assert any("SYNTHETIC" in line for line in found["notice"])
    assert (found["ensemble"], found["against"], found["contrasts"]) == ("trio", "aspen-small", 2)
    expected = found["expected"]
    assert expected["difference"] == pytest.approx(expected["ensemble"] - expected["against"])
    assert expected["difference"] < 0
    sizes = [(design["cases"], design["trials"]) for design in found["designs"]]
    assert sizes == [(10, 1), (10, 2), (30, 1), (30, 2)]
    powers = [design["power"] for design in found["designs"]]
    assert powers[0] < powers[2]
    enough = [size for size, power in zip(sizes, powers, strict=True) if power >= 0.8]
    least = found["smallest"]
    assert (least["cases"], least["trials"]) == min(enough, key=lambda size: size[0] * size[1])


def test_a_difference_in_points_and_a_table(primum: Command) -> None:
    done = primum("power", "--ensemble", "aspen-small", "--difference", "6", *SMALL)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("SIMULATED")
    assert lines[1].startswith("SYNTHETIC")
    assert (
        "aspen-small-better is aspen-small with other members of the same families" in done.stdout
    )
    rows = [line.split() for line in lines if line[:1].isdigit()]
    assert [row[:2] for row in rows] == [["10", "1"], ["10", "2"], ["30", "1"], ["30", "2"]]
    assert "80% power" in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--ensemble", "tri", "--against", "kin"), ("--ensemble tri", "trio, kin, aspen-large")),
        (("--ensemble", "trio", "--against", "nobody"), ("--against nobody", "cedar-large")),
        (("--ensemble", "trio", "--against", "trio"), ("two different",)),
        (("--ensemble", "trio", "--against", "kin", "--cases", "20,,50"), ("--cases 20,,50",)),
        (("--ensemble", "trio", "--against", "kin", "--trials", "1,1"), ("each number once",)),
        (("--ensemble", "trio", "--against", "kin", "--metric", "F1_floor"), ("Severe_rate",)),
        (("--ensemble", "trio", "--against", "kin", "--panel", "none"), ("none: no such panel",)),
    ],
)
def test_one_line_for_what_it_cannot_do(
    primum: Command, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = primum("power", *arguments)
    assert done.returncode in {2, 3}, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    for word in words:
        assert word in line


def test_a_panel_of_real_models_is_refused(primum: Command) -> None:
    done = primum(
        "power", "--panel", "frontier", "--ensemble", "frontier-trio", "--difference", "5"
    )
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "is no simulated clinician" in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "one of --against and --difference"),
        (("--against", "kin", "--difference", "3"), "one of --against and --difference"),
        (("--difference", "3", "--metric", "Safety"), "leave --metric out"),
    ],
)
def test_options_that_do_not_go_together(
    primum: Command, arguments: tuple[str, ...], words: str
) -> None:
    done = primum("power", "--ensemble", "trio", *arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())


def test_the_page_shows_what_is_printed(primum: Command) -> None:
    (shown,) = re.findall(r"<!-- output of `primum (.*?)` -->\n```text\n(.*?)```", PAGE, re.DOTALL)
    done = primum(*shlex.split(shown[0]))
    assert [line.rstrip() for line in done.stdout.splitlines()] == shown[1].splitlines()
    options = primum("power", "--help").stdout
    commands = re.findall(r"^primum power .*", PAGE, re.MULTILINE)
    assert len(commands) == 3
    asked = {option for line in commands for option in re.findall(r"--[a-z]+", line)}
    assert {option for option in asked if option not in options} == set()
