"""All protocols by name, in the order in which help texts list them."""

from primum.agents.protocols.menu import MENU
from primum.agents.protocols.plan import PLAN
from primum.agents.protocols.record import ProtocolRecord
from primum.core.registry import Registry

PROTOCOLS: Registry[ProtocolRecord] = Registry("protocol", (MENU, PLAN))


def protocol_of_prompt(user: str) -> ProtocolRecord:
    """The protocol whose prompt a text is, the one added last first.

    Args:
        user: the user part of the prompt.

    Raises:
        LookupError: no protocol recognises it.
    """
    for record in reversed(tuple(PROTOCOLS)):
        if record.recognises(user):
            return record
    raise LookupError("the prompt is of no known protocol")
