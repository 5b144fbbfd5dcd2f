"""How drafts are shown to other agents: with or without authors, and in which order."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from primum.agents.protocols.protocol import Protocol
from primum.agents.turns.transcript import Turn

YOURS = "you"


@dataclass(frozen=True, slots=True)
class Reading:
    """Whether agents are told who wrote a draft, and the seed of the order of the drafts.

    Without a seed, drafts are in the order of their seats. A random order for each case keeps
    models that favour a position in the list from favouring one seat.
    """

    named: bool = False
    shuffle: int | None = None


def in_order(drafts: Sequence[Turn], reading: Reading, case: str) -> list[Turn]:
    """Drafts in the order of their seats, or in a random order that depends on the case."""
    ordered = sorted(drafts, key=lambda turn: (len(turn.seat), turn.seat))
    if reading.shuffle is not None:
        random.Random(f"{reading.shuffle}|{case}").shuffle(ordered)  # noqa: S311
    return ordered


def show_draft(draft: Turn, protocol: Protocol, by: str | None = None) -> str:
    """One draft in its tag; `by` is its author, or None if authors are not shown."""
    author = f' by="{by}"' if by else ""
    return f"<draft{author}>\n{protocol.show(draft)}\n</draft>"


def show_drafts(
    drafts: Sequence[Turn], protocol: Protocol, reading: Reading, critiques: Sequence[Turn] = ()
) -> str:
    """Drafts in the order given, numbered, each followed by the critiques of it."""
    parts = []
    for number, draft in enumerate(drafts, 1):
        author = f' by="{draft.model}"' if reading.named else ""
        parts.append(f'<draft number="{number}"{author}>\n{protocol.show(draft)}\n</draft>')
        for critique in in_order([t for t in critiques if t.about == draft.seat], Reading(), ""):
            author = f' by="{critique.model}"' if reading.named else ""
            parts.append(
                f'<critique of="{number}"{author}>\n{protocol.show(critique)}\n</critique>'
            )
    return "\n\n".join(parts)
