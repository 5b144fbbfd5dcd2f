"""The registry of matchers that need no judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from primum.agents.turns.transcript import Verdict
from primum.core.errors import DataError
from primum.core.registry import Registry
from primum.evaluation.matching.lexical.matcher import Match, match_text

PublicOption = tuple[int, str, str]
"""The id, category and text of an option, without its score."""


@dataclass(frozen=True)
class MatcherRecord:
    """A matcher that gives verdicts on an answer in free text without a judge.

    Attributes:
        name: the value for `--matcher`.
        version: part of the label; to be changed whenever verdicts change.
        notice: shown with every figure; the end of the sentence "NAME/VERSION matched the plans to
            the options ...".
        match: gives the options that a text recommends, in full or in part.
    """

    name: str
    version: str
    notice: str
    match: Callable[[Sequence[PublicOption], str], Sequence[Match]]

    @property
    def label(self) -> str:
        """NAME/VERSION, as in manifests and tables."""
        return f"{self.name}/{self.version}"


LEXICAL = MatcherRecord(
    name="lexical",
    version="2",
    notice="by their words. It is no judge; its errors are in every figure (docs/judging.md says "
    "how large they are).",
    match=match_text,
)
MATCHERS: Registry[MatcherRecord] = Registry("matcher", (LEXICAL,))


def matches_of(
    record: MatcherRecord, options: Sequence[PublicOption], text: str
) -> tuple[Match, ...]:
    """What a matcher finds in a text.

    Raises:
        DataError: it failed, or returned something else than matches of these options.
    """
    try:
        found = tuple(record.match(options, text))
    except Exception as error:
        raise _broken(record, f"{type(error).__name__}: {error}") from error
    ids = [option for option, *_ in options]
    for match in found:
        if not isinstance(match, Match):
            raise _broken(record, f"it returned {match!r:.60}, no primum.extend.Match")
        if match.option not in ids:
            raise _broken(record, f"it names the option {match.option!r}; there are {ids}")
        if match.verdict not in get_args(Verdict):
            known = ", ".join(get_args(Verdict))
            raise _broken(record, f"its verdict is {match.verdict!r}; there are {known}")
    if len({match.option for match in found}) < len(found):
        raise _broken(record, "it returned two matches of one option")
    return found


def _broken(record: MatcherRecord, why: str) -> DataError:
    return DataError(f"the matcher {record.label} failed: {why}")


def matcher_labelled(label: str) -> MatcherRecord | None:
    """The matcher with the name in a label, in any version; None for grades and judges."""
    return next((record for record in MATCHERS if label.startswith(f"{record.name}/")), None)
