"""A slow and obvious reader of grades, verdicts and choices that shares no code with the fast one.

It knows what the tests put into replies as noise and deletes that, takes thinking out tag by tag,
and looks for numbers and words with plain regular expressions. What it gives is all that a reply
may be taken to say: nothing of an option that is given two words anywhere. Which replies are
refused is not its matter.
"""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

TAGS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<THOUGHT>", "</THOUGHT>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
]
OPENING, CLOSING = ([pair[which].casefold() for pair in TAGS] for which in (0, 1))
GRADES = {
    "appropriate": "Appropriate",
    **dict.fromkeys([f"{no}appropriate" for no in ("in", "not", "not-", "non", "non-")], "Inappropriate"),
}  # fmt: skip
VERDICTS = {
    **{word: word for word in ("full", "partial", "none")},
    "fullmatch": "full",
    "partialmatch": "partial",
    "nomatch": "none",
    "null": "none",
}
# From each brace to the next that closes, and the number before it.
BLOCK = re.compile(r"(?:([0-9]+)[\"')]*:)?(?=\{([^}]*)\})")


def grades_said(reply: str, noise: Iterable[str]) -> dict[int, str]:
    """The grades of options that a reply, with its thinking, gives and nowhere contradicts."""
    return _said(_advice(reply, noise), "grade", GRADES)


def verdicts_said(reply: str, noise: Iterable[str]) -> dict[int, str]:
    """The verdicts on options that a reply gives and nowhere contradicts."""
    return _said(_advice(reply, noise), "verdict", VERDICTS)


def choice_said(reply: str, noise: Iterable[str]) -> int | None:
    """The number of the only draft that a reply names; None if it names none or two."""
    drafts = set(_numbers_of("draft", _advice(reply, noise)))
    return drafts.pop() if len(drafts) == 1 else None


def _said(text: str, key: str, words: Mapping[str, str]) -> dict[int, str]:
    """The word of each option that has one, from `{key: word}`, or from `option: word`."""
    word = rf"({'|'.join(sorted(words, key=len, reverse=True))})\b"
    said: defaultdict[int, set[str]] = defaultdict(set)
    for outer, block in BLOCK.findall(text):
        options = _numbers_of("option", block) or ([int(outer)] if outer else [])
        for found in re.findall(rf"{_spread(key)}[^:]*:[^a-z]*{word}", block):
            for option in options:
                said[option].add(words[found])
    for option, found in re.findall(rf"([0-9]+)[\"')]*:[^a-z0-9{{]*{word}", text):
        said[int(option)].add(words[found])
    return {option: given.pop() for option, given in said.items() if len(given) == 1}


def _numbers_of(key: str, text: str) -> list[int]:
    return [int(n) for n in re.findall(rf"{_spread(key)}[^:0-9]*:[^0-9,]*([0-9]+)", text)]


def _spread(key: str) -> str:
    """The pattern of a key with any signs between its letters."""
    return r"\W*".join(key)


def _advice(reply: str, noise: Iterable[str]) -> str:
    """A reply without noise and thinking."""
    text = _plain(reply)
    for words in sorted(map(_plain, noise), key=len, reverse=True):
        text = text.replace(words, "")
    return _without_thinking(text)


def _plain(text: str) -> str:
    """A text without blanks, entities, escapes, curly marks and hidden signs, in lower case."""
    text = re.sub(r"\\+u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), html.unescape(text))
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"\\+[nrt]", "", text)
    text = re.sub("[\u201c\u201d\u2018\u2019]", '"', text)
    return re.sub(r"[\s\\*\u200b\ufeff\u00ad]", "", text).casefold()


def _without_thinking(text: str) -> str:
    """What stands outside of all tags, and after the last tag that closes without being opened.

    A tag closes the one of its name and all within it.
    """
    kept = ""
    opened: list[int] = []
    for piece in re.split(f"({'|'.join(map(re.escape, OPENING + CLOSING))})", text):
        if piece in OPENING:
            opened.append(OPENING.index(piece))
        elif piece in CLOSING and not opened:
            kept = ""
        elif piece in CLOSING:
            name = CLOSING.index(piece)
            last = len(opened) - 1 - opened[::-1].index(name) if name in opened else -1
            del opened[last:]
        elif not opened:
            kept += piece
    return kept
