"""Matchers that need no judge: from the text of an answer to verdicts on the options."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


def matcher_labelled(label: str) -> MatcherRecord | None:
    """The matcher that a manifest names, whatever its version; None for grades and judges."""
    return next((record for record in MATCHERS if label.startswith(f"{record.name}/")), None)
