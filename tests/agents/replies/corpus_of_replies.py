"""The corpus of refusals and plans, and how often the rule on refusals is wrong on it."""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from primum.tests.paths import ROOT

Kind = Literal["refusals", "hedged", "plans"]
KINDS: tuple[Kind, ...] = ("refusals", "hedged", "plans")
Half = Literal["develop", "held"]
HALVES: tuple[Half, ...] = ("develop", "held")


class Text(NamedTuple):
    """One text of the corpus."""

    half: Half
    kind: Kind
    text: str

    @property
    def is_refusal(self) -> bool:
        """Whether it declines to advise."""
        return self.kind == "refusals"


class Errors(NamedTuple):
    """What a rule gets wrong: refusals that it takes for plans, and plans for refusals."""

    refusals: int
    plans: int
    missed: list[Text]
    false_alarms: list[Text]


def corpus(*halves: Half) -> Iterator[Text]:
    """The texts of some halves, or of both."""
    folder = ROOT / "tests" / "agents" / "replies" / "corpus"
    for half in halves or HALVES:
        for kind in KINDS:
            whole = (folder / half / f"{kind}.txt").read_text(encoding="utf-8")
            yield from (Text(half, kind, text.strip("\n")) for text in whole.split("\n%%\n"))


def errors(rule: Callable[[str], bool], *halves: Half) -> Errors:
    """The errors of a rule on some halves, or on both."""
    texts = list(corpus(*halves))
    refusals = [text for text in texts if text.is_refusal]
    plans = [text for text in texts if not text.is_refusal]
    missed = [text for text in refusals if not rule(text.text)]
    false_alarms = [text for text in plans if rule(text.text)]
    return Errors(len(refusals), len(plans), missed, false_alarms)
