"""Agreement between two sets of verdicts, such as those of a matcher and of a person."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from primum.agents.turns.transcript import VERDICTS, Verdict
from primum.cases.model import Option, Suite
from primum.core.documents import parse_json, read_text
from primum.core.errors import DataError
from primum.evaluation.exports.noharm_kit import JudgedOption, PublishedAnswer
from primum.evaluation.matching.lexical.matcher import match_text
from primum.evaluation.scoring.answer_key import APPROPRIATE, INAPPROPRIATE

AnswerId = tuple[str, int]
Verdicts = dict[AnswerId, dict[int, Verdict]]


class _Line(BaseModel):
    """The required fields of a line of verdicts; judged records have more."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    id: str
    trial: int
    options: tuple[JudgedOption, ...]


class Pair(NamedTuple):
    """The reference and candidate verdicts on one option of one answer."""

    answer: AnswerId
    option: Option
    reference: Verdict
    candidate: Verdict

    @property
    def both(self) -> tuple[bool, bool]:
        """Whether the reference and the candidate match the option, partial included."""
        return self.reference != "none", self.candidate != "none"


@dataclass(frozen=True)
class Agreement:
    """Agreement on whether options are matched (full or partial) or not.

    `chance` is the agreement expected by chance from the marginal rates, `kappa` is Cohen's:
    (agreement - chance) / (1 - chance). The two F1 are those of "matched" on options with score
    >= 7 and on options with score <= 3. `missing` counts verdicts that only the reference has.
    """

    n: int
    positives: int
    agreement: float
    chance: float
    kappa: float
    f1_appropriate: float
    f1_harmful: float
    missing: int


def read_verdicts(path: Path, suite: Suite) -> Verdicts:
    """Verdicts from CSV (id,trial,option,verdict) or JSON Lines ({id, trial, options}).

    Raises:
        DataError: a line is invalid, or names an item or option that the suite does not have.
    """
    found: Verdicts = defaultdict(dict)
    options = {item.id: {o.id for o in item.case.options} for item in suite.items()}
    rows = _csv_rows(path) if path.suffix == ".csv" else _json_rows(path)
    for line, answer, option, verdict in rows:
        if answer[0] not in options:
            raise DataError(f"{path}:{line}: id: {answer[0]} is not in the suite")
        if option not in options[answer[0]]:
            raise DataError(f"{path}:{line}: option: {answer[0]} has no option {option}")
        if option in found[answer]:
            raise DataError(f"{path}:{line}: option: {option} is judged twice in {answer[0]}")
        found[answer][option] = verdict
    return dict(found)


def on_items_of(suite: Suite, verdicts: Verdicts) -> Verdicts:
    """The verdicts on answers to the items of a suite."""
    items = {item.id for item in suite.items()}
    return {answer: own for answer, own in verdicts.items() if answer[0] in items}


def lexical_verdicts(answers: tuple[PublishedAnswer, ...], suite: Suite) -> Verdicts:
    """The verdicts of the lexical matcher; answers to items outside the suite are left out."""
    cases = {item.id: item.case for item in suite.items()}
    found: Verdicts = {}
    for answer in answers:
        if answer.id in cases:
            options = [(o.id, o.category, o.text) for o in cases[answer.id].options]
            matches = match_text(options, answer.text)
            found[answer.id, answer.trial] = {m.option: m.verdict for m in matches}
    return found


def pair_up(reference: Verdicts, candidate: Verdicts, suite: Suite) -> tuple[list[Pair], int]:
    """The verdicts that both have, and the number that only the reference has."""
    cases = {item.id: item.case for item in suite.items()}
    pairs, missing = [], 0
    for answer, verdicts in reference.items():
        options = {option.id: option for option in cases[answer[0]].options}
        given = candidate.get(answer, {})
        for option, verdict in verdicts.items():
            if option in given:
                pairs.append(Pair(answer, options[option], verdict, given[option]))
            else:
                missing += 1
    return pairs, missing


def agreement(pairs: list[Pair], missing: int = 0) -> Agreement:
    """The agreement of pairs of verdicts; NaN where a figure is undefined."""
    n = len(pairs)
    counts = Counter(pair.both for pair in pairs)
    yes = counts[True, True] + counts[True, False]
    said = counts[True, True] + counts[False, True]
    observed = (counts[True, True] + counts[False, False]) / n if n else nan
    chance = (yes * said + (n - yes) * (n - said)) / n**2 if n else nan
    return Agreement(
        n=n,
        positives=yes,
        agreement=observed,
        chance=chance,
        kappa=(observed - chance) / (1 - chance) if n and chance < 1 else nan,
        f1_appropriate=_f1([p for p in pairs if p.option.score >= APPROPRIATE]),
        f1_harmful=_f1([p for p in pairs if p.option.score <= INAPPROPRIATE]),
        missing=missing,
    )


def by_category(pairs: list[Pair]) -> dict[str, Agreement]:
    """Agreement within each category of options."""
    names = sorted({pair.option.category for pair in pairs})
    return {name: agreement([p for p in pairs if p.option.category == name]) for name in names}


def confusion(pairs: list[Pair]) -> Mapping[str, dict[str, int]]:
    """Counts by the reference's verdict, then the candidate's."""
    counts = Counter((pair.reference, pair.candidate) for pair in pairs)
    return {row: {column: counts[row, column] for column in VERDICTS} for row in VERDICTS}


def _f1(pairs: list[Pair]) -> float:
    counts = Counter(pair.both for pair in pairs)
    found, wrong = counts[True, True], counts[True, False] + counts[False, True]
    return 2 * found / (2 * found + wrong) if found + wrong else nan


def _json_rows(path: Path) -> Iterator[tuple[int, AnswerId, int, Verdict]]:
    for number, text in enumerate(read_text(path).split("\n"), 1):
        if text.strip():
            line = parse_json(_Line, text, path, number)
            for option in line.options:
                yield number, (line.id, line.trial), option.id, option.verdict


def _rows(reader: "csv.DictReader[str]", path: Path) -> Iterator[dict[str, str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise DataError(f"{path}:{reader.line_num}: not CSV: {error}") from None


def _csv_rows(path: Path) -> Iterator[tuple[int, AnswerId, int, Verdict]]:
    reader = csv.DictReader(read_text(path).splitlines())
    wanted = {"id", "trial", "option", "verdict"}
    if not wanted <= set(reader.fieldnames or ()):
        raise DataError(f"{path}:1: the columns are {', '.join(sorted(wanted))}")
    for row in _rows(reader, path):
        at = reader.line_num
        verdict = next((v for v in VERDICTS if v == row["verdict"]), None)
        if verdict is None:
            raise DataError(f"{path}:{at}: verdict: not one of {', '.join(VERDICTS)}")
        try:
            yield at, (row["id"], int(row["trial"])), int(row["option"]), verdict
        except (TypeError, ValueError):
            raise DataError(f"{path}:{at}: trial, option: not whole numbers") from None
