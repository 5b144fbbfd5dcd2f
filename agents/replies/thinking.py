"""Separates a model's thinking from its reply.

Thinking stands between tags (`<think>`, `[THINK]`, `<|begin_of_thought|>`, ...), before a closing
tag alone, or in channels (channels.py). What can be read in two ways is thinking: thoughts that
become advice would be scored as the model's; after an empty reply it is only asked again. A tag
that a reply quotes, in a string of JSON or as code, separates nothing.

The time is linear in the length of the text.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from primum.agents.replies.channels import Parts, channel_parts
from primum.agents.replies.quotations import unquoted

NAME = (
    "think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis|ant_?thinking"
    "|inner_monologue|(?:seed|mm):think"
)
FIRST_SIGN = re.compile(r"[<&\[\u25c1]")  # of a tag; a search for it alone is many times faster
TAG = re.compile(
    # <think>, </think>, <|think|>, &lt;think&gt;
    rf"(?:<|&lt;)\|?\s{{0,9}}(?P<end1>/?)\s{{0,9}}(?P<name1>{NAME})"
    r"(?:\s[^<>\n]{0,200}?)?(?P<empty>/?)\|?(?:>|&gt;)"
    # [THINK] of Magistral, and the triangles of Kimi
    r"|[\[\u25c1](?P<end2>/?)(?P<name2>think)[\]\u25b7]"
    # <|begin_of_thought|>, <|START_THINKING|>
    r"|<\|(?:begin|start|(?P<end3>end))_(?:of_)?(?P<name3>think|thinking|thought|reasoning)\|>"
    # Gemma's channel, and reasoning as a folded part of a page
    r"|<\|channel>(?P<channel>thought)|(?P<end_channel><channel\|>)"
    r"|<details\s[^<>\n]{0,99}?type=\W?(?P<details>reasoning)\b[^<>\n]{0,200}>|(?P<end_details></details>)",
    re.IGNORECASE,
)
OPENING = re.compile(
    r"(?:<(?:answer|response|solution|final|final_answer|output)>"
    r"|<\|(?:begin_of_solution|start_response|start_text)\|>)\s*",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"\s{0,9}(?:</(?:answer|response|solution|final|final_answer|output)>"
    r"|<\|(?:end_of_solution|end_response|end_text)\|>)\Z",
    re.IGNORECASE,
)
LONGEST_CLOSING = 30
OWN = ("channel", "details")  # kinds whose closing tag ends other things too


class Separated(NamedTuple):
    """A reply without its thinking, and the thinking, "" if there is none."""

    text: str
    thinking: str


def separate_thinking(text: str) -> Separated:
    """A reply, and the thinking taken out of it.

    A reply without thinking is returned as it is. One that is all thinking leaves "". Raises
    nothing.
    """
    if _is_json(text):
        return Separated(text, "")
    parts: Parts = []
    for advice, said in channel_parts(text) or [(True, text)]:
        parts += _tagged_parts(said) if advice else [(False, said)]
    if all(advice for advice, _ in parts):
        return Separated(text, "")
    return Separated(_without_frame(_joined(parts, advice=True)), _joined(parts, advice=False))


def _is_json(text: str) -> bool:
    """Whether a reply is JSON, whose strings may quote any tag."""
    if text.lstrip()[:1] not in {"[", "{", '"'}:
        return False
    try:
        found = json.loads(text)
        return isinstance(json.loads(found) if isinstance(found, str) else found, list | dict)
    except (ValueError, RecursionError):
        return False


def _tagged_parts(text: str) -> Parts:
    """The parts of a text between the tags; a closing tag alone ends thinking from the start."""
    parts: Parts = []
    opened: list[str] = []
    at = begun = 0
    for tag in unquoted(text, _tags(text)):
        name, closes = _name(tag)
        if closes and name in OWN and name not in opened:
            continue  # the end of something else
        if closes and not opened:
            begun = len(parts) + 1
        parts.append((not opened and not closes, text[at : tag.start()]))
        at = tag.end()
        if closes:
            _close(opened, name)
        elif tag["empty"]:
            parts.append((False, ""))
        else:
            opened.append(name)
    thought = [(False, said) for _, said in parts[:begun]]
    return [*thought, *parts[begun:], (not opened, text[at:])]


def _tags(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while sign := FIRST_SIGN.search(text, at):
        tag = TAG.match(text, sign.start())
        if tag:
            yield tag
        at = (tag or sign).end()


def _name(tag: re.Match[str]) -> tuple[str, bool]:
    """The name of a tag, and whether it is a closing one."""
    own = next((name for name in OWN if tag[name] or tag[f"end_{name}"]), None)
    if own:
        return own, not tag[own]
    name = tag["name1"] or tag["name2"] or tag["name3"]
    return name.lower(), bool(tag["end1"] or tag["end2"] or tag["end3"])


def _close(opened: list[str], name: str) -> None:
    """Close the last tag of a name and all within it; without one of the name, the last."""
    if name in opened:
        while opened.pop() != name:
            pass
    elif opened:
        opened.pop()


def _joined(parts: Iterable[tuple[bool, str]], *, advice: bool) -> str:
    said = (text.strip() for of_advice, text in parts if of_advice is advice)
    return "\n".join(text for text in said if text)


def _without_frame(text: str) -> str:
    """A reply without the tags `<answer>` and the like around all of it."""
    opening = OPENING.match(text)
    inner = text[opening.end() :] if opening else text
    closing = CLOSING.search(inner, max(0, len(inner) - LONGEST_CLOSING))
    return inner[: closing.start()] if opening and closing else inner
