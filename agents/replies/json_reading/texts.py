"""A reply while it is read as JSON: gaps between tokens, and texts in quotation marks."""

import re
from dataclasses import dataclass, field

from primum.agents.replies.reader import Normalised

INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
GAP = rf"[\s{INVISIBLE}]*"
PLAIN_SPACE = re.compile(r"[ \t\r\n]+")
UNUSUAL_SPACE = re.compile(rf"[\s{INVISIBLE}]+")
COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
KEY_ENDS = re.compile(rf"{GAP}:")
VALUE_ENDS = re.compile(rf"{GAP}(?:[,\]}}]|//|/\*|\#|\Z)")
CONTROL = re.compile(r"[\x00-\x1f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
UNICODE = re.compile(r"u([0-9a-fA-F]{4})")
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
AS_ESCAPED = "\"'\\/\n"
CLOSERS = {
    '"': '"', "'": "'",
    **dict.fromkeys("\u201c\u201d\u201e", '\u201c\u201d"'),
    **dict.fromkeys("\u2018\u2019\u201a", "\u2018\u2019'"),
}  # fmt: skip
STOPS = {quote: re.compile(f"[{closers}\\\\]") for quote, closers in CLOSERS.items()}


class MalformedError(ValueError):
    """A text is no JSON from a position on, however leniently it is read.

    Attributes:
        position: the index of the character that does not fit.
        cut_off: whether the text ends too early.
    """

    def __init__(self, text: str, position: int) -> None:
        self.position = position
        self.cut_off = not text[position:].strip("` \t\r\n")
        super().__init__(position)


@dataclass(slots=True)
class Source:
    """A text that is read, and what was normalised in it so far."""

    text: str
    changes: set[Normalised] = field(default_factory=set)

    def after_gap(self, at: int) -> int:
        """The position after spaces and comments."""
        while True:
            if space := PLAIN_SPACE.match(self.text, at):
                at = space.end()
            elif space := UNUSUAL_SPACE.match(self.text, at):
                self.changes.add(Normalised.SPACE)
                at = space.end()
            elif comment := COMMENT.match(self.text, at):
                self.changes.add(Normalised.COMMENT)
                at = comment.end()
            else:
                return at

    def fail(self, at: int) -> MalformedError:
        """The error that a position does not fit."""
        return MalformedError(self.text, at)


def read_text(source: Source, start: int, ends: re.Pattern[str]) -> tuple[str, int]:
    """The text in quotation marks at a position, and the position after it.

    A quotation mark that is not followed by `ends` belongs to the text of a value.

    Raises:
        MalformedError: it is not closed, or is or holds a key that is not in order.
    """
    text, stops = source.text, STOPS[source.text[start]]
    if text[start] != '"':
        source.changes.add(Normalised.QUOTES)
    pieces: list[str] = []
    at = start + 1
    while stop := stops.search(text, at):
        pieces.append(raw := text[at : stop.start()])
        if CONTROL.search(raw):
            source.changes.add(Normalised.CONTROL)
        if stop[0] == "\\":
            escaped, at = _escaped(source, stop.end())
            pieces.append(escaped)
        elif ends.match(text, stop.end()):
            return _whole(source, "".join(pieces)), stop.end()
        elif ends is KEY_ENDS or KEY_ENDS.match(text, stop.end()):
            raise source.fail(stop.end())
        else:
            source.changes.add(Normalised.UNESCAPED_QUOTE)
            pieces.append(stop[0])
            at = stop.end()
    raise source.fail(len(text))


def _escaped(source: Source, at: int) -> tuple[str, int]:
    """What an escape stands for, and the position after it; one that JSON lacks stays as it is."""
    text = source.text
    if code := UNICODE.match(text, at):
        return chr(int(code[1], 16)), code.end()
    sign = text[at : at + 1]
    if sign not in {*ESCAPES, *'"\\/'}:
        source.changes.add(Normalised.ESCAPE)
    plain = sign if sign in AS_ESCAPED else f"\\{sign}"
    return ESCAPES.get(sign, plain), at + 1


def _whole(source: Source, text: str) -> str:
    if SURROGATE.search(text):
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if "\ufffd" in joined:
            source.changes.add(Normalised.ESCAPE)
        return joined
    return text
