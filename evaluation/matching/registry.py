"""Matchers that need no judge: from the text of an answer to verdicts on the options."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from primum.agents.turns.transcript import Verdict
from primum.core.errors import DataError
from primum.core.registry import Registry
from primum.evaluation.matching.lexical.matcher import Match, match_text

PublicOption = tuple[int, str, str]
"""An option as a matcher is given it: its id, category and text, and no score."""


@dataclass(frozen=True)
class MatcherRecord:
    """A way from an answer in free text to verdicts, without a judge.

    Attributes:
        name: by which `--matcher` names it.
        version: stands behind the name in the manifest; another version gives other verdicts.
        notice: what a reader must know of it, wherever its figures are shown; it goes on with the
            sentence "NAME/VERSION matched the plans to the options ...".
        match: the options that a text includes, in full or in part; others may be left out.
    """

    name: str
    version: str
    notice: str
    match: Callable[[Sequence[PublicOption], str], Sequence[Match]]

    @property
    def label(self) -> str:
        """How manifests and tables name it: NAME/VERSION."""
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
    """The matcher that a manifest names, whatever its version; None for grades and judges."""
    return next((record for record in MATCHERS if label.startswith(f"{record.name}/")), None)
