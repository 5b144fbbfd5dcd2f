"""The data of the case browser: every case, the verdicts of answers, transcripts up to a size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from primum.evaluation.html_report.cases.data import ItemTrial, answers_of, cases_of, transcripts_of
from primum.evaluation.html_report.embedding import Lines, compact, packed
from primum.evaluation.html_report.ensemble_kinds import SOLO, TEAM
from primum.evaluation.html_report.study_source import Row, Source

VERDICTS_BUDGET = 1_500_000  # bytes in base64
INDEX_GROWTH = 1.2  # of the index, when it also says which answers have a transcript
SEVERE = 3
BATCH = 150  # answers whose transcripts are read together
SPARSE = ("failure", "reason", "unjudged", "degraded")  # of an answer, where it has them

Answers = dict[str, dict[ItemTrial, Row]]
"""The answers of some ensembles, by the ensemble's name."""


@dataclass(frozen=True)
class CaseBrowser:
    """The embedded parts of the case browser, one for each case, and their index.

    Attributes:
        parts: by base case, JSON Lines in base64: the case, its answers, their transcripts.
        index: the cases, and for each ensemble one symbol for each item and trial.
        transcripts: how many answers have their transcript in the file.
        answers: how many answers of ranked ensembles there are.
        omitted: the ensembles whose answers are not in the file.
    """

    parts: dict[str, str]
    index: dict[str, Any]
    transcripts: int
    answers: int
    omitted: list[str]


@dataclass
class _Parts:
    """The parts as they grow: a part for each case, and which texts each of them has."""

    source: Source
    names: list[str]
    cases: dict[str, Row] = field(init=False)
    lines: dict[str, Lines] = field(default_factory=dict)
    texts: dict[str, dict[str, int]] = field(default_factory=dict)
    base_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cases = cases_of(self.source)
        for name, case in self.cases.items():
            self.lines[name] = Lines()
            self.lines[name].add(case)
            self.texts[name] = {}
            self.base_of.update(dict.fromkeys((item for item, *_ in case["items"]), name))

    @property
    def size(self) -> int:
        """Bytes of all parts so far, in base64."""
        return sum(part.size for part in self.lines.values())

    def add_answer(self, ensemble: str, key: ItemTrial, answer: Row) -> int:
        """Add an answer's verdicts; the bytes by which its part grew."""
        line = {
            "e": self.names.index(ensemble),
            "t": key[0],
            "n": key[1],
            "s": answer["symbols"],
            **{name: answer[name] for name in SPARSE if answer[name]},
            **({"off": answer["off"]} if "off" in answer else {}),
        }
        return self.lines[self.base_of[key[0]]].add(line)

    def add_transcript(self, ensemble: str, key: ItemTrial, transcript: Row) -> int:
        """Add an answer's transcript, each text once per case; the bytes by which its part grew."""
        base = self.base_of[key[0]]
        known, new = self.texts[base], []

        def place(text: str | None) -> int | None:
            if text is None:
                return None
            if text not in known:
                known[text] = len(known)
                new.append(text)
            return known[text]

        turns = [[*turn[:-1], place(turn[-1])] for turn in transcript.get("turns", ())]
        answer = [place(text) for (text,) in transcript.get("answer", ())]
        rest = {k: rows for k, rows in transcript.items() if k not in {"turns", "answer"}}
        of = [self.names.index(ensemble), *key]
        line = {"transcript": of, "texts": new, "turns": turns, "answer": answer, **rest}
        return self.lines[base].add(line)


def case_browser(
    source: Source, entries: Sequence[Row], wanted: Sequence[str], budget: int
) -> CaseBrowser:
    """The browser's data: verdicts up to `VERDICTS_BUDGET`, then transcripts up to `budget` bytes.

    Args:
        source: the study.
        entries: the ensembles, from best to worst.
        wanted: the ensembles whose answers and transcripts come first.
        budget: bytes that the parts and the index may take together; one transcript may exceed it.
    """
    parts = _Parts(source, [entry["name"] for entry in entries])
    answers = _add_answers(parts, entries, wanted)
    index_size = len(packed(compact(_index(parts, answers, set()))))
    room = budget - int(INDEX_GROWTH * index_size) - parts.size
    included = _add_transcripts(parts, _transcript_order(answers, entries, wanted), room)
    return CaseBrowser(
        parts={name: lines.close() for name, lines in parts.lines.items()},
        index=_index(parts, answers, included),
        transcripts=len(included),
        answers=sum(len(answers.get(e["name"], ())) for e in entries if e["ranked"]),
        omitted=[name for name in parts.names if name not in answers],
    )


def representative(entries: Sequence[Row], wanted: Sequence[str]) -> list[str]:
    """Those wanted, then the best, worst and median team, then the same of the single models.

    `entries` are in order from best to worst.
    """
    found = list(wanted)
    for kind in (TEAM, SOLO):
        own = [entry["name"] for entry in entries if entry["kind"] == kind.name]
        if own:
            found += [own[0], own[-1], own[len(own) // 2]]
    return list(dict.fromkeys(found))


def _add_answers(parts: _Parts, entries: Sequence[Row], wanted: Sequence[str]) -> Answers:
    """Add the verdicts of one ensemble after the other until they exceed their budget."""
    spent = 0
    answers: Answers = {}
    for name in dict.fromkeys([*representative(entries, wanted), *parts.names]):
        if answers and spent > VERDICTS_BUDGET:
            break
        answers[name] = answers_of(parts.source, name)
        for key, answer in answers[name].items():
            spent += parts.add_answer(name, key, answer)
    return answers


def _transcript_order(
    answers: Answers, entries: Sequence[Row], wanted: Sequence[str]
) -> Iterator[tuple[str, list[ItemTrial]]]:
    """Representative ensembles, then answers with a severe harm, then all others."""
    ranked = [entry["name"] for entry in entries if entry["ranked"]]
    first = [name for name in representative(entries, wanted) if name in answers]
    rest = [name for name in ranked if name in answers and name not in first]
    severe = {n: [k for k, a in answers[n].items() if a["worst"] == SEVERE] for n in rest}
    for name in first:
        yield name, list(answers[name])
    yield from severe.items()
    for name in rest:
        yield name, [key for key in answers[name] if key not in set(severe[name])]


def _add_transcripts(
    parts: _Parts, order: Iterator[tuple[str, list[ItemTrial]]], room: int
) -> set[tuple[str, ItemTrial]]:
    """Add transcripts until the room is used up; the answers whose transcript was added."""
    included: set[tuple[str, ItemTrial]] = set()
    for name, keys in order:
        for start in range(0, len(keys), BATCH):
            for key, found in transcripts_of(parts.source, name, keys[start : start + BATCH]):
                if room <= 0:
                    return included
                room -= parts.add_transcript(name, key, found)
                included.add((name, key))
    return included


def _index(parts: _Parts, answers: Answers, included: set[tuple[str, ItemTrial]]) -> dict[str, Any]:
    """The cases, and strings with one symbol for each item and trial, item after item.

    `worst` has a digit from 0 to 3 for the worst harm of an answer, a dash where there is no score,
    a space where there is no answer; `missed`, `dropped` and `has_text` have a 1 or a 0.
    """
    trials = range(1, parts.source.study.trials + 1)
    items = [item[0] for case in parts.cases.values() for item in case["items"]]
    keys = [(item, trial) for item in items for trial in trials]

    def symbols(name: str) -> dict[str, str]:
        rows = [answers[name].get(key) for key in keys]
        worst = [" " if a is None else str(a["worst"]) if a["scored"] else "-" for a in rows]
        return {
            "worst": "".join(worst),
            **{
                flag: "".join("01"[bool(a and a.get(flag))] for a in rows)
                for flag in ("missed", "dropped")
            },
            "has_text": "".join("01"[(name, key) in included] for key in keys),
        }

    return {
        "trials": len(trials),
        "cases": [
            [name, case["specialty"], [item[:2] for item in case["items"]]]
            for name, case in parts.cases.items()
        ],
        "ensembles": {parts.names.index(name): symbols(name) for name in answers},
    }
