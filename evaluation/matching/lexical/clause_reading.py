"""Reads a clause from left to right and assigns each concept a polarity and conditionality."""

from dataclasses import dataclass, field
from typing import NamedTuple

from primum.evaluation.matching.lexical.terms import Term

ACTS_WITH_FOR = {
    "test",
    "refer",
    "inquire",
}  # in "test for X", X is no aim
TREATMENT_ACTS = {"start", "continue", "raise", "lower", "admit", "refer"}


class Mark(NamedTuple):
    """A concept in a clause.

    Attributes:
        polarity: 1 for a commitment, -1 for a refusal or a stop, 0 for a reason or an aim.
        conditional: it depends on a condition, or is given as a reason.
        aside: it is in a parenthesis.
    """

    key: str
    polarity: int
    conditional: bool
    aside: bool = False


@dataclass
class Reading:
    """The state of reading a clause: how its next concept will be marked."""

    base: int
    polarity: int
    conditional: bool
    marks: list[Mark] = field(default_factory=list)
    refused: bool = False  # the previous term is a refusal
    opened: bool = False  # a condition opened the clause, and has not ended
    stopped: int | None = None  # concepts before a stop
    comma: int = 0  # concepts before the last comma
    phrase: int = 0  # the same, when the last concept was read
    reason: int = 0  # concepts before a reason
    aim: int = 0  # concepts before an aim
    object: int = -1  # concepts before an act that takes "for"
    because: bool = False  # a reason is being given
    outside: tuple[int, bool] | None = None  # what held before the parenthesis
    switched: bool = False  # "switch A to B": B has not come yet

    def read(self, term: Term) -> None:
        """Process the next term of the clause."""
        steps = {
            "word": self._word,
            "act": self._act,
            "cue": self._cue,
            "break": self._joint,
            "filler": self._filler,
        }
        if term.kind in steps:
            steps[term.kind](term.key)

    def _word(self, key: str) -> None:
        self.phrase = self.comma
        conditional = self.conditional or self.because
        self.marks.append(Mark(key, self.polarity, conditional, self.outside is not None))
        self.refused = False

    def _joint(self, key: str) -> None:
        if key == "(":
            self.outside = (self.polarity, self.because)
        elif key == ")" and self.outside:
            (self.polarity, self.because), self.outside = self.outside, None
        if key == ":":
            self._listed()
        if key != ",":
            return
        if self.because and self.aim == 0:
            self.polarity, self.because = self.base, False
        self.comma = len(self.marks)
        if self.opened and self.polarity < 0:
            self.polarity = self.base
        self.opened = False

    def _listed(self) -> None:
        """After a colon comes what is to be done, unless a refusal has no object yet."""
        if self.stopped is not None and self.marks[self.stopped :]:
            self.polarity, self.stopped = self.base, None
        elif self.polarity == 0 or (self.polarity < 0 and self.marks):
            self.polarity, self.because = self.base, False

    def _filler(self, key: str) -> None:
        if self.switched and key in {"to", "with", "for", "by"}:
            self.refuse()
            self.polarity, self.switched = self.base, False
        elif key == "with" and self.stopped is not None and self.marks[self.stopped :]:
            self.polarity, self.because = 0, True  # "avoid A with B" refuses no B

    def _act(self, key: str) -> None:
        self.object = len(self.marks) if key in ACTS_WITH_FOR else -1
        if key == "switch":
            self.switched = True
        elif key == "stop":
            self.polarity, self.stopped = (1, None) if self.refused else (-1, len(self.marks))
            self.because = False
        elif self.polarity == 0 and self.aim == 0 and key in TREATMENT_ACTS:
            self.polarity, self.because = self.base, False

    def _cue(self, key: str) -> None:
        if key == "negative":
            self.polarity, self.refused = -1, True
        elif key == "negated_before":
            self.refused = not self.marks[self.reason :]
            self.refuse(self.reason)
            self.polarity = -1 if self.refused else 0
        elif key == "aim" and self.object == len(self.marks):
            return
        elif key in {"aim", "neutral", "reason"}:
            self._neutral(key)
        elif key == "contrast":
            self.polarity, self.because = self.base, False
        elif key in {"conditional", "hedged", "default"}:
            self._depend(key)

    def _neutral(self, key: str) -> None:
        if self.stopped == len(self.marks):
            self.refuse()
        self.polarity, self.aim = 0, len(self.marks)
        if key == "reason":
            self.reason = len(self.marks)
        self.because = self.because or key != "aim"

    def _depend(self, key: str) -> None:
        """Make what follows conditional; in "X if Y" the phrase before as well."""
        if key == "conditional":
            self.opened = not self.marks
            behind = [mark._replace(conditional=True) for mark in self.marks[self.phrase :]]
            self.marks[self.phrase :] = behind
        self.conditional = True

    def refuse(self, since: int = 0) -> None:
        """Refuse the concepts before a refusal: "X is not needed", "X should be stopped"."""
        self.marks[since:] = [mark._replace(polarity=-1) for mark in self.marks[since:]]
