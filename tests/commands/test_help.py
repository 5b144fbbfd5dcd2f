"""commands/shared/help.py: help texts list the protocols that are known, and a wrong name lists them too."""

from collections.abc import Callable
from typing import Any

from primum.agents.protocols.registry import PROTOCOLS

Command = Callable[..., Any]


def test_the_help_of_run_lists_protocols_and_forms(primum: Command) -> None:
    text = " ".join(primum("run", "--help").stdout.split())
    assert f"--protocol [{'|'.join(PROTOCOLS.names)}]" in text
    for protocol in PROTOCOLS:
        assert all(form in text for form in protocol.forms)
        assert f"{protocol.name}: {protocol.description}" in text


def test_an_unknown_protocol_form_or_matcher_is_one_line(primum: Command) -> None:
    for arguments, line in (
        (("--protocol", "essay"), "there is no protocol essay; there are menu, plan"),
        (("--form", "concise"), "--form concise: no form of protocol menu; it has none"),
        (("--matcher", "lexical"), "--matcher lexical: the grades of protocol menu need none"),
    ):
        done = primum("run", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [f"primum: {line}"]
