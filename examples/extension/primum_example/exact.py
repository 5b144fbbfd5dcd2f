"""A matcher: an option is included where an answer has its very words."""

from collections.abc import Iterator, Sequence

from primum.extend import Match, MatcherRecord


def match(options: Sequence[tuple[int, str, str]], text: str) -> list[Match]:
    """The options whose text stands in the answer, letter case and spaces aside."""
    return list(_found(options, " ".join(text.casefold().split())))


def _found(options: Sequence[tuple[int, str, str]], text: str) -> Iterator[Match]:
    for number, _, words in options:
        start = text.find(" ".join(words.casefold().split()))
        if start >= 0:
            yield Match(number, "full", words, start)


EXACT = MatcherRecord(
    name="exact",
    version="1",
    notice="where they have its very words. It is no judge.",
    match=match,
)
