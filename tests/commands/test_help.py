"""commands/shared/help.py: help texts list the protocols that are known, and a wrong name lists them too."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.main import get_command

from primum.agents.protocols.registry import PROTOCOLS
from primum.cli import app

Command = Callable[..., Any]


def test_the_help_of_run_lists_protocols_and_forms(primum: Command) -> None:
    text = " ".join(primum("run", "--help").stdout.split())
    assert f"--protocol [{'|'.join(PROTOCOLS.names)}]" in text
    for protocol in PROTOCOLS:
        assert all(form in text for form in protocol.forms)
        assert f"{protocol.name}: {protocol.description}" in text


def test_the_formats_of_query_are_its_own(primum: Command) -> None:
    assert "--format <table|json|csv|parquet>" in primum("query", "--help").stdout


def walk(command: Any, path: str = "primum") -> Iterator[tuple[str, Any]]:
    """Every command below one, by the words that call it."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, f"{path} {name}")


@pytest.mark.parametrize(("path", "command"), walk(get_command(app)))
def test_every_command_and_option_is_explained_in_sentences(path: str, command: Any) -> None:
    assert command.help, path
    first = command.help.split("\n\n")[0]
    assert path == "primum" or len(first) <= 63, f"{path}: its line in the list of commands is cut"
    for text in (command.help, *(option.help or "" for option in command.params)):
        assert text[:1].isupper(), (path, text)
        assert text.rstrip().endswith("."), (path, text)


def test_an_unknown_protocol_form_or_matcher_is_one_line(primum: Command) -> None:
    for arguments, line in (
        (("--protocol", "essay"), "there is no protocol essay; there are menu, plan"),
        (("--form", "concise"), "--form concise: no form of protocol menu; it has none"),
        (
            ("--matcher", "lexical"),
            "--matcher lexical: protocol menu needs no matcher; leave the option out",
        ),
    ):
        done = primum("run", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [f"primum: {line}"]
