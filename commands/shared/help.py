"""Help texts that list what the registries hold, extensions included."""

from typing import Any

from typer.core import TyperCommand, TyperOption


class RegistryCommand(TyperCommand):
    """A command whose options `--protocol` and `--form` list the protocols and their forms."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, with the names that are known by now."""
        from primum.agents.protocols.registry import PROTOCOLS

        forms = [form for record in PROTOCOLS for form in record.forms]
        for option in self.params:
            if not isinstance(option, TyperOption):
                continue
            if "--protocol" in option.opts:
                option.metavar = f"[{'|'.join(PROTOCOLS.names)}]"
                meanings = " ".join(f"{one.name}: {one.description}" for one in PROTOCOLS)
                option.help = f"{option.help} {meanings}"
            elif "--form" in option.opts:
                option.metavar = f"[{'|'.join(forms)}]"
        super().format_help(ctx, formatter)
