"""The provenance of harms: which possible harms each turn of a team read and wrote."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.record import ProtocolRecord
from primum.agents.roles.record import Reads
from primum.agents.roles.registry import ROLES
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.turns.transcript import Answer, Turn
from primum.core.arrays import Bools, Ints
from primum.evaluation.analysis.attribution.possible_harms import PossibleHarms, Verdicts
from primum.evaluation.analysis.attribution.turn_verdicts import drafted, revised
from primum.evaluation.metrics.score_table import Scored


class Step(NamedTuple):
    """One turn of an answer, and the numbers of the steps whose drafts it read.

    Steps are numbered over a trace. An unusable turn is a step only where it is the final one: it
    then stands for an answer that recommends nothing.
    """

    answer: int
    turn: Turn
    reads: tuple[int, ...]

    @property
    def usable(self) -> bool:
        """Whether its turn has the outcome ok."""
        return self.turn.outcome is Outcome.OK


@dataclass(frozen=True)
class Trace:
    """The answers of teams to one case as steps; the last step of each is its answer.

    Attributes:
        scored: the answers with their verdicts and harms.
        possible_harms: of the case.
        steps: of all answers, one answer after the other.
        wrote: whether each step's text has each possible harm, shape (steps, possible harms). The
            text of a critic is the draft that it read, with its changes applied.
    """

    scored: Scored
    possible_harms: PossibleHarms
    steps: tuple[Step, ...]
    wrote: Bools

    @cached_property
    def stakes(self) -> Ints:
        """Severities in each answer, 0 where inapplicable; shape (answers, possible harms)."""
        return self.possible_harms.stakes(self.scored.batch.verdicts)

    @cached_property
    def wrong_in(self) -> Bools:
        """Whether at least half of the drafts that a step read have the harm; shape as `wrote`."""
        read, wrong = self._read
        return np.asarray((2 * wrong >= read) & (read > 0))

    @cached_property
    def right_in(self) -> Bools:
        """Whether any draft that a step read is without the harm; shape as `wrote`."""
        read, wrong = self._read
        return np.asarray(wrong < read)

    @cached_property
    def fixed(self) -> Bools:
        """Whether a step removed the harm or objected to it; shape as `wrote`."""
        return self.wrong_in & ~self.wrote

    @cached_property
    def _read(self) -> tuple[Ints, Ints]:
        """The number of drafts that each step read, (steps, 1), and of those with each harm."""
        read = np.array([[len(step.reads)] for step in self.steps], dtype=np.int64)
        wrong = np.zeros(self.wrote.shape, dtype=np.int64)
        which = np.repeat(np.arange(len(self.steps)), read[:, 0])
        np.add.at(wrong, which, self.wrote[[row for step in self.steps for row in step.reads]])
        return read, wrong

    def of_answers(self) -> Iterator[slice]:
        """The slice of `steps` of each answer."""
        start = 0
        for place, step in enumerate(self.steps, 1):
            if place == len(self.steps) or self.steps[place].answer != step.answer:
                yield slice(start, place)
                start = place


def traces(study: Study, found: Iterable[Scored]) -> list[Trace]:
    """The traces of teams' answers, one for each case; other ensembles have none."""
    teams = {spec.name: spec for spec in study.ensembles if spec.is_team and spec.traceable}
    protocol = study.protocol.record
    return [trace for scored in found if (trace := _trace(scored, teams, protocol))]


def _trace(
    scored: Scored, teams: Mapping[str, EnsembleSpec], protocol: ProtocolRecord
) -> Trace | None:
    possible_harms = PossibleHarms(scored.batch.key)
    steps: list[Step] = []
    texts: list[Verdicts] = []
    for row, answer in enumerate(scored.answers):
        spec = teams.get(answer.ensemble)
        if spec and answer.turns:
            own = _steps(spec, answer, row, len(steps))
            texts += _texts(scored, answer, own, len(steps), protocol)
            steps += own
    if not steps:
        return None
    return Trace(scored, possible_harms, tuple(steps), possible_harms.wrong(np.stack(texts)))


def _steps(spec: EnsembleSpec, answer: Answer, row: int, first: int) -> list[Step]:
    """The steps of an answer in order; `first` is the number of the first."""
    last = next((turn for turn in answer.turns if turn.step == spec.wiring.last.name), None)
    usable = [turn for turn in answer.turns if turn.outcome is Outcome.OK and turn is not last]
    number = {turn.step: first + place for place, turn in enumerate(usable)}
    taken = {turn.step: turn for turn in usable}

    def step(turn: Turn) -> Step:
        read = [taken[name] for name in turn.reads if name in taken]
        return Step(row, turn, tuple(number[other.step] for other in _drafts(turn, read)))

    found = [step(turn) for turn in usable]
    if last is None:  # no draft was usable: a failed turn stands for the answer
        failed = (turn for turn in answer.turns if turn.outcome is not Outcome.OK)
        return [*found, Step(row, next(failed, answer.turns[-1]), ())]
    return [*found, step(last)]


def _drafts(turn: Turn, read: Sequence[Turn]) -> Iterator[Turn]:
    """The drafts that a turn builds on: all that it read, or only its own for a debater."""
    own = ROLES[turn.role].reads is Reads.OWN
    for other in read:
        if not ROLES[other.role].objects and (not own or other.seat == turn.seat):
            yield other


def _texts(
    scored: Scored, answer: Answer, steps: Sequence[Step], first: int, protocol: ProtocolRecord
) -> list[Verdicts]:
    """The verdicts of each step's text; the final text has the verdicts of the answer."""
    key, own = scored.batch.key, scored.batch.verdicts[steps[0].answer]
    found: list[Verdicts] = []
    for step in steps[:-1]:
        if ROLES[step.turn.role].objects:
            found.append(revised(key, step.turn, found[step.reads[0] - first], protocol))
        elif protocol.matched and step.turn.text == answer.text:
            found.append(own)
        else:
            found.append(drafted(key, step.turn, protocol))
    return [*found, own]
