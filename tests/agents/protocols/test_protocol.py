"""agents/protocols/protocol.py: which protocol a study uses, checked against the records."""

import pytest
from pydantic import ValidationError

from primum.agents.protocols.protocol import Protocol, choose_protocol
from primum.agents.replies.reader import READER_VERSION
from primum.core.errors import UsageError


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"name": "essay"}, "name", "there is no protocol essay; there are menu, plan"),
        (
            {"name": "plan", "form": "short"},
            "form",
            "plan has no form short; its forms: concise, 500-words, unlimited",
        ),
        (
            {"name": "menu", "form": "concise"},
            "form",
            "menu has no form concise; its forms: none",
        ),
    ],
)
def test_an_unknown_protocol_or_form_is_one_clear_error(
    given: dict[str, str], field: str, message: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        Protocol.model_validate(given)
    (error,) = raised.value.errors()
    assert (error["msg"], error["ctx"]["field"]) == (message, field)


def test_a_manifest_holds_a_name_and_a_form() -> None:
    chosen = Protocol(name="plan", form="concise")
    rest = {"prompts": {}, "reader": {"name": "tolerant", "version": READER_VERSION}}
    assert chosen.model_dump() == {"name": "plan", "form": "concise", **rest}
    assert Protocol.model_validate_json(chosen.model_dump_json()) == chosen
    assert Protocol().model_dump() == {"name": "menu", "form": None, **rest}
    assert Protocol(name="plan").form_label == "as imported"


@pytest.mark.parametrize(
    ("name", "form", "message"),
    [
        ("essay", None, "there is no protocol essay; there are menu, plan"),
        ("menu", "concise", "--form concise: no form of protocol menu; it has none"),
        (
            "plan",
            "short",
            "--form short: no form of protocol plan; there are concise, 500-words, unlimited",
        ),
    ],
)
def test_a_command_line_names_a_protocol_and_a_form(
    name: str, form: str | None, message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        choose_protocol(name, form)
    assert str(raised.value) == message
    assert choose_protocol(None, None) == Protocol()
    assert choose_protocol("plan", None) == Protocol(name="plan", form="concise")
