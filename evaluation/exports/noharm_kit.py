"""Reads and writes the files of the NOHARM kit: answers and judged records."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field, JsonValue, ValidationError

from primum.agents.replies.thinking import separate_thinking
from primum.agents.turns.transcript import Verdict
from primum.cases.model import Item, Record, Suite
from primum.core.documents import parse_json, read_text
from primum.core.errors import DataError
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.record import Findings, Variants
from primum.evaluation.metrics.registry import columns, definition_of, values_of, variants_metrics
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.verdict_batch import Action, Batch, match_actions

MAX_TRIALS = 1000  # as for a run
SIMULATED_JUDGED = " (of simulated answers)"  # appended to the name of a judge of simulated answers


class PublishedAnswer(Record):
    """One line of an answers file."""

    id: str
    trial: int
    response: str
    usage: JsonValue = None

    @property
    def simulated(self) -> bool:
        """Whether it is marked as an answer of simulated models."""
        return isinstance(self.usage, dict) and self.usage.get("simulated") is True

    @property
    def degraded(self) -> bool:
        """Whether it is marked as given without a usable reply of some agent."""
        return isinstance(self.usage, dict) and bool(self.usage.get("degraded"))

    @property
    def text(self) -> str:
        """The response without thinking."""
        return separate_thinking(self.response).text


class JudgedOption(Record):
    """The verdict of a judge on one option; a partial match counts as matched."""

    id: int
    matched: bool
    partial: bool
    evidence: str = ""

    @property
    def verdict(self) -> Verdict:
        """full, partial or none."""
        if self.partial:
            return "partial"
        return "full" if self.matched else "none"


class ResponseAction(Record):
    """One action that a judge found: `match` lists option ids ("25,30"), or is "" for none."""

    number: int
    action: str
    category: str
    match: Annotated[str, Field(pattern=r"^\s*(\d+(\s*,\s*\d+)*)?\s*$")]
    score: Annotated[int, Field(ge=0, le=9)] | None = None
    rationale: str = ""

    def as_action(self) -> Action:
        """The options it matches and its own score."""
        parts = (part.strip() for part in self.match.split(","))
        matches = tuple(int(part) for part in parts if part)
        return Action(matches) if self.score is None else Action(matches, self.score)


class Judged(Record):
    """One line of a judged file."""

    id: str
    trial: int
    judge: str
    options: tuple[JudgedOption, ...]
    response_actions: tuple[ResponseAction, ...]
    harm: JsonValue = None
    nonrubric_harms: Annotated[JsonValue, Field(alias="nonrubric_harms")] = None
    metrics: JsonValue = None
    response_len: Annotated[int, Field(alias="response_len")]


class Rescored(NamedTuple):
    """A judged record with recomputed metrics; NaN where one is undefined."""

    record: Judged
    metrics: dict[str, float]


def read_answers(path: Path) -> tuple[PublishedAnswer, ...]:
    """The answers of a file.

    Raises:
        DataError: a line is not an answer; the message gives its number.
    """
    return tuple(parse_json(PublishedAnswer, text, path, line) for line, text in _lines(path))


def read_judged(path: Path, suite: Suite) -> tuple[Judged, ...]:
    """The judged records of a file, each of an item of the suite.

    Raises:
        DataError: a line is not a judged record, names an unknown item or option, or lacks an
            option; the message gives its number.
    """
    items = {item.id: item for item in suite.items()}
    records: list[Judged] = []
    seen: set[tuple[str, int]] = set()
    for line, text in _lines(path):
        if not records and _is_answer(text):
            raise DataError(
                f"{path}:{line}: an answer, not a judged record; use `primum import answers`"
            )
        record = parse_json(Judged, text, path, line)
        _require_trial(record.trial, f"{path}:{line}")
        if (record.id, record.trial) in seen:
            raise DataError(f"{path}:{line}: id: {record.id}, trial {record.trial} occurs twice")
        seen.add((record.id, record.trial))
        if record.id not in items:
            raise DataError(f"{path}:{line}: id: {record.id} is not in the suite")
        _require_options(record, items[record.id], f"{path}:{line}")
        records.append(record)
    if not records:
        raise DataError(f"{path}: the file has no judged record")
    return tuple(records)


class Answers(NamedTuple):
    """Texts without thinking by item and trial, and what the file marks.

    `simulated` is whether any is of simulated models, `degraded` how many lack an agent's reply.
    """

    texts: dict[tuple[str, int], str]
    simulated: bool
    degraded: int = 0


def answers_by_item(path: Path, suite: Suite) -> Answers:
    """The answers of a file by item and trial, each to an item of the suite.

    Raises:
        DataError: a line is not an answer, names an unknown item, or repeats an answer; or the file
            has none.
    """
    items = {item.id for item in suite.items()}
    found: dict[tuple[str, int], str] = {}
    simulated, degraded = False, 0
    for line, text in _lines(path):
        answer = parse_json(PublishedAnswer, text, path, line)
        if answer.id not in items:
            raise DataError(f"{path}:{line}: id: {answer.id} is not in the suite")
        _require_trial(answer.trial, f"{path}:{line}")
        if (answer.id, answer.trial) in found:
            raise DataError(f"{path}:{line}: id: {answer.id}, trial {answer.trial} occurs twice")
        found[answer.id, answer.trial] = answer.text
        simulated |= answer.simulated
        degraded += answer.degraded
    if not found:
        raise DataError(f"{path}: the file has no answer")
    return Answers(found, simulated, degraded)


def usage_of(*, simulated: bool, degraded: int) -> dict[str, JsonValue]:
    """What marks an exported answer: that models are simulated, how many agents did not reply."""
    marks: dict[str, JsonValue] = {"simulated": True} if simulated else {}
    return {**marks, "degraded": degraded} if degraded else marks


def dump_lines(records: Iterable[PublishedAnswer | Judged]) -> str:
    """Answers or judged records as JSON Lines; unset fields are left out."""
    lines = (record.model_dump(by_alias=True, exclude_unset=True) for record in records)
    return "".join(json.dumps(line) + "\n" for line in lines)


def rescore(
    records: Sequence[Judged], suite: Suite, definition: str = JULY_2026.name
) -> list[Rescored]:
    """Every metric of a definition for every record.

    Records of several items of one case in one trial also have the metrics over its variants.

    Raises:
        UsageError: there is no such definition.
    """
    wanted = definition_of(definition)
    own = tuple(metric for metric in columns() if metric.definition == wanted)
    across = [metric for metric in variants_metrics() if metric.definition == wanted]
    items = {item.id: item for item in suite.items()}
    found, matched = [], []
    for record in records:
        batch = as_batch(record, Key(items[record.id].case))
        values = values_of(wanted, Findings(batch))
        metrics = {name: float(value[0]) for name, value in values.items()}
        found.append(Rescored(record, metrics))
        matched.append(batch.matched[0])
    together: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row, record in enumerate(records):
        together[items[record.id].case.id, record.trial].append(row)
    for rows in together.values():
        if len(rows) > 1:
            key = Key(items[records[rows[0]].id].case)
            given = np.array([[found[row].metrics[m.name] for m in own] for row in rows])
            variants = Variants(key, own, given, np.array([matched[row] for row in rows]))
            steady = {metric.name: float(metric.values(variants)) for metric in across}
            for row in rows:
                found[row].metrics.update(steady)
    return found


def as_batch(record: Judged, key: Key) -> Batch:
    """A judged record as a batch of one answer."""
    return match_actions(
        key,
        [{option.id: option.verdict for option in record.options}],
        [[action.as_action() for action in record.response_actions]],
        [record.response_len],
    )


def _is_answer(text: str) -> bool:
    try:
        PublishedAnswer.model_validate_json(text)
    except ValidationError:
        return False
    return True


def _require_trial(trial: int, place: str) -> None:
    if not 1 <= trial <= MAX_TRIALS:
        raise DataError(f"{place}: trial: not from 1 to {MAX_TRIALS}")


def _require_options(record: Judged, item: Item, place: str) -> None:
    judged = [option.id for option in record.options]
    wanted = {option.id for option in item.case.options}
    for option in judged:
        if option not in wanted:
            raise DataError(f"{place}: options: {item.case.id} has no option {option}")
    if len(set(judged)) != len(judged):
        raise DataError(f"{place}: options: an option is judged twice")
    missing = sorted(wanted - set(judged))
    if missing:
        raise DataError(f"{place}: options: option {missing[0]} is not judged")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for line, text in enumerate(read_text(path).split("\n"), 1):
        if text.strip():
            yield line, text
