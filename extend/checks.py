"""Whether an extension's records are what they have to be, before any of them is made known."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from primum.agents.models.registry import ClientRecord
from primum.agents.protocols.record import ProtocolRecord
from primum.agents.protocols.registry import PROTOCOLS
from primum.agents.roles.record import Role
from primum.agents.roles.registry import ROLES
from primum.agents.simulation.client import PREFIX
from primum.agents.topologies.custom import LangGraphEnsemble
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.core.documents import read_text
from primum.core.errors import DataError
from primum.evaluation.matching.registry import MatcherRecord
from primum.evaluation.metrics.record import Metric
from primum.extend.record import Extension
from primum.prompts.render import SEPARATOR

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
KINDS: dict[str, type] = {
    "roles": Role,
    "protocols": ProtocolRecord,
    "metrics": Metric,
    "matchers": MatcherRecord,
    "clients": ClientRecord,
}


def require_sound(extension: Extension) -> None:
    """Refuse an extension one of whose records cannot be used.

    Raises:
        DataError: which record, what is wrong with it, and what it has to be.
    """
    for field in ("name", "version"):
        if not (isinstance(getattr(extension, field), str) and getattr(extension, field).strip()):
            raise DataError(f"{field}: give a text that is not empty")
    if extension.prompts is not None and not isinstance(extension.prompts, Path):
        raise DataError(f"prompts: {extension.prompts!r} is no pathlib.Path; give the folder's")
    for graph in _parts(extension, "graphs"):
        _require_graph(graph)
    for field, kind in KINDS.items():
        for record in _parts(extension, field):
            if not isinstance(record, kind):
                raise DataError(f"{field}: {_shown(record)} is no {kind.__name__}")
            _require_record(field, record)


def require_prompt_files(folder: Path) -> None:
    """Refuse prompt files that no role would be asked with; roles and protocols are known by now.

    Raises:
        DataError: which file, and what it has to be.
    """
    for path in sorted(folder.glob("*.md")):
        role, _, protocol = path.stem.partition(".")
        if role not in ROLES or protocol not in PROTOCOLS:
            roles, protocols = ", ".join(ROLES.names), ", ".join(PROTOCOLS.names)
            raise DataError(
                f"{path}: name it ROLE.PROTOCOL.md; roles: {roles}; protocols: {protocols}"
            )
        text = read_text(path)
        if not text.startswith(f"Role: {role}\n"):
            raise DataError(f"{path}:1: the first line must be: Role: {role}")
        if text.count(SEPARATOR) != 1:
            raise DataError(f"{path}: one line of ===== must part the system from the user message")


def _parts(extension: Extension, field: str) -> Iterator[Any]:
    found = getattr(extension, field)
    if not isinstance(found, tuple):
        raise DataError(f"{field}: {_shown(found)} is no tuple; write ({field[:-1]},)")
    yield from found


def _require_graph(graph: Any) -> None:
    if not (isinstance(graph, type) and issubclass(graph, EnsembleSpec)):
        raise DataError(f"graphs: {_shown(graph)} is no subclass of EnsembleSpec")
    where, name = f"graphs: {graph.__name__}", graph.model_fields["graph"].default
    if not isinstance(name, str):
        raise DataError(f'{where}: set its name: graph: Literal["my-graph"] = "my-graph"')
    _require_name(where, name)
    if not getattr(graph, "description", ""):
        raise DataError(f"{where}: set `description: ClassVar[str]`, one line about the graph")
    base, method = (
        (LangGraphEnsemble, "compiled")
        if issubclass(graph, LangGraphEnsemble)
        else (EnsembleSpec, "wire")
    )
    if getattr(graph, method) is getattr(base, method):
        raise DataError(f"{where}: define the method `{method}`")


def _require_record(field: str, record: Any) -> None:
    where = f"{field}: {record.name}"
    if field == "clients":
        if not record.name or record.name.startswith(PREFIX) or PREFIX.startswith(record.name):
            raise DataError(f"{where}: choose another prefix; {PREFIX} is the simulated models'")
        _require_callable(where, "make", record.make)
        return
    _require_name(where, record.name)
    if field == "matchers":
        _require_callable(where, "match", record.match)
    elif field == "metrics":
        _require_callable(where, "compute", getattr(record, "compute", None))
    elif field == "roles":
        _require_role(where, record)


def _require_role(where: str, role: Role) -> None:
    for other in ROLES:
        if other.mark == role.mark and other.name != role.name:
            raise DataError(f"{where}: the mark {role.mark} is {other.name}'s; choose another")
    if role.ask is None and role.count is None:
        raise DataError(f"{where}: give it `ask`, or `count` if a rule counts")


def _require_callable(where: str, field: str, value: Callable[..., Any] | None) -> None:
    if not callable(value):
        raise DataError(f"{where}: `{field}` is {_shown(value)}, no function")


def _require_name(where: str, name: Any) -> None:
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        raise DataError(f"{where}: the name {name!r}: use letters, digits, - and _ only")


def _shown(value: object) -> str:
    return repr(value)[:60]
