"""The protocol of a study, as its manifest holds it, with prompts and parsers."""

from typing import Self

from pydantic import Field, model_validator

from primum.agents.protocols.menu import MENU
from primum.agents.protocols.record import ProtocolRecord, ReplyParser, Returns, Said
from primum.agents.protocols.registry import PROTOCOLS
from primum.agents.replies.menu import Grade
from primum.agents.replies.reader import READER_VERSION, Read, Reader
from primum.agents.specs.model import FrozenRecord
from primum.cases.model import PublicCase
from primum.core.errors import UsageError
from primum.core.field_errors import field_error
from primum.prompts.render import Prompt, inert, render_text, template


class ReaderUse(FrozenRecord):
    """What reads the replies, and its version: another version may read them otherwise."""

    name: Reader = Reader.TOLERANT
    version: int = READER_VERSION

    @property
    def label(self) -> str:
        """NAME/VERSION."""
        return f"{self.name}/{self.version}"


class Protocol(FrozenRecord):
    """A protocol by its name, and one of its forms.

    `form` is None where the protocol has no forms, and where answers were imported. `prompts` are
    the texts of prompts that stand in the place of those that are shipped, by name. `reader` reads
    the replies of agents, and those of judges.
    """

    name: str = MENU.name
    form: str | None = None
    prompts: dict[str, str] = Field(default_factory=dict)
    reader: ReaderUse = ReaderUse()

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.name not in PROTOCOLS:
            known = ", ".join(PROTOCOLS.names)
            raise field_error("name", f"there is no protocol {self.name}; there are {known}")
        if self.form is not None and self.form not in self.record.forms:
            known = ", ".join(self.record.forms) or "none"
            raise field_error("form", f"{self.name} has no form {self.form}; its forms: {known}")
        return self

    @property
    def record(self) -> ProtocolRecord:
        """The protocol's record."""
        return PROTOCOLS[self.name]

    @property
    def form_label(self) -> str:
        """The form in words; empty where the protocol has none."""
        return (self.form or "as imported") if self.record.forms else ""

    @property
    def label(self) -> str:
        """The name and the form, such as "plan, concise"."""
        return ", ".join(part for part in (self.name, self.form_label) if part)

    @property
    def doing(self) -> str:
        """What ensembles do, as a report says it, such as "writing plans (concise)"."""
        return self._with_form(self.record.doing)

    @property
    def heading(self) -> str:
        """What the heading of a table adds to the suite's name, such as "plans (concise)"."""
        return self._with_form(self.record.heading)

    def _with_form(self, words: str) -> str:
        return f"{words} ({self.form_label})" if self.form_label else words

    def prompt(
        self, name: str, returns: Returns, instructions: str, case: PublicCase, **said: str
    ) -> Prompt:
        """The prompt of a role.

        Args:
            name: of the role's prompt files, ROLE.PROTOCOL.md.
            returns: what the role returns.
            instructions: of the agent's own.
            case: what is asked about.
            said: what other agents said, by its name in the prompt.
        """
        values = {
            "instructions": instructions,
            "presentation": inert(case.presentation),
            **said,
            **self.record.values(case, self.form, returns),
        }
        return render_text(self.prompt_text(f"{name}.{self.name}"), **values)

    def prompt_text(self, name: str) -> str:
        """The template of a prompt, such as "critic.menu"."""
        return self.prompts[name] if name in self.prompts else template(name)

    def parser(self, returns: Returns, case: PublicCase) -> ReplyParser[tuple[Grade, ...]]:
        """The parser of a role's replies, given what the role returns."""

        def parse(text: str) -> Read[tuple[Grade, ...]]:
            return self.record.parse(text, case, returns, self.reader.name)

        form = self.record.bound_form(case, returns)
        return ReplyParser(parse, self.record.repair, form, prose=self.record.matched)

    def show(self, turn: Said) -> str:
        """A turn as it is shown to other agents."""
        return self.record.show(turn)


def choose_protocol(
    name: str | None, form: str | None, reader: Reader = Reader.TOLERANT
) -> Protocol:
    """The protocol that a command line names.

    Args:
        name: of the protocol; None takes the first one.
        form: of its answers; None takes the protocol's usual one, if it has any.
        reader: which forms of replies are read.

    Raises:
        UsageError: there is no such protocol, or it has no such form.
    """
    record = PROTOCOLS[name or PROTOCOLS.names[0]]
    if form is not None and form not in record.forms:
        there = f"there are {', '.join(record.forms)}" if record.forms else "it has none"
        raise UsageError(f"--form {form}: no form of protocol {record.name}; {there}")
    use = ReaderUse(name=reader)
    return Protocol(name=record.name, form=form or record.default_form, reader=use)
