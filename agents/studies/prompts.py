"""Prompts of a panel's own, in place of those that Primum ships for a role."""

from pathlib import Path

from primum.agents.protocols.registry import PROTOCOLS
from primum.agents.roles.registry import ROLES
from primum.core.documents import read_text
from primum.core.errors import DataError
from primum.prompts.render import SEPARATOR, placeholders, template


def read_prompts(folder: Path) -> dict[str, str]:
    """The prompts of a folder by name, such as "critic.menu": files ROLE.PROTOCOL.md.

    Raises:
        DataError: no file or a wrong one in it: which, and what to do.
    """
    found = {path.name.removesuffix(".md"): read_text(path) for path in sorted(folder.glob("*.md"))}
    if not found:
        raise DataError(f"{folder}: no prompt in it; name the files ROLE.PROTOCOL.md")
    for name, text in found.items():
        _require_usable(folder / f"{name}.md", name, text)
    return found


def _require_usable(path: Path, name: str, text: str) -> None:
    """Refuse a prompt that would not say what the one in whose place it stands says."""
    role, _, protocol = name.partition(".")
    if role not in ROLES or protocol not in PROTOCOLS:
        roles, protocols = ", ".join(ROLES.names), ", ".join(PROTOCOLS.names)
        raise DataError(f"{path}: name it ROLE.PROTOCOL.md; roles: {roles}; protocols: {protocols}")
    try:
        shipped = template(name)
    except DataError:
        raise DataError(
            f"{path}: no prompt of that name is shipped, so that nothing would be asked by it"
        ) from None
    first = shipped.partition("\n")[0]
    if not text.startswith(f"{first}\n"):
        raise DataError(f"{path}:1: the first line must be: {first}")
    if text.count(SEPARATOR) != 1:
        raise DataError(f"{path}: one line of ===== must part the system from the user message")
    if placeholders(text) != placeholders(shipped):
        wanted = ", ".join(f"{{{{{word}}}}}" for word in sorted(placeholders(shipped)))
        raise DataError(f"{path}: it must have these placeholders and no others: {wanted}")
