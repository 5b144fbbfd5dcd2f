"""The case browser's data: every case, every answer's verdicts, and as many words as have room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from primum.evaluation.html_report.case_data import Spot, answers_of, cases_of, words_of
from primum.evaluation.html_report.embedding import Lines, compact, packed
from primum.evaluation.html_report.study_source import Row, Source

VERDICTS_BUDGET = 1_500_000  # bytes in base64
GROWTH = 1.2  # of the contents, when they also say whose words are there
SEVERE = 3
AT_ONCE = 150  # answers whose words are read together


class Browser(NamedTuple):
    """The parts of the browser: one a case, and what is where.

    Attributes:
        parts: JSON Lines of a case in base64, by base case: the case, its answers, their words.
        contents: the cases, and for each ensemble a symbol a letter and trial.
        words: answers whose words are there, and answers of agents in all.
        left_out: ensembles whose answers are not there.
    """

    parts: dict[str, str]
    contents: dict[str, Any]
    words: tuple[int, int]
    left_out: list[str]


@dataclass
class _Shelf:
    """A part for each case, and which texts are in it already."""

    cases: dict[str, Row]
    parts: dict[str, Lines] = field(default_factory=dict)
    texts: dict[str, dict[str, int]] = field(default_factory=dict)
    base_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, case in self.cases.items():
            self.parts[name] = Lines()
            self.parts[name].add(case)
            self.texts[name] = {}
            self.base_of.update(dict.fromkeys((item for item, *_ in case["letters"]), name))

    def add_answer(self, ensemble: int, spot: Spot, answer: Row) -> int:
        """Put in an answer's verdicts; the bytes that it took."""
        line = {
            "e": ensemble,
            "t": spot[0],
            "n": spot[1],
            "o": answer["outcome"],
            "s": answer["symbols"],
            **{name: answer[name] for name in ("reason", "unjudged", "degraded") if answer[name]},
            **({"off": answer["off"]} if "off" in answer else {}),
        }
        return self.parts[self.base_of[spot[0]]].add(line)

    def add_words(self, ensemble: int, spot: Spot, words: Row) -> int:
        """Put in an answer's words, each text once a case; the bytes that it took."""
        base = self.base_of[spot[0]]
        known, new = self.texts[base], []

        def kept(text: str | None) -> int | None:
            if text is None:
                return None
            if text not in known:
                known[text] = len(known)
                new.append(text)
            return known[text]

        turns = [[*turn[:-1], kept(turn[-1])] for turn in words.get("turns", ())]
        answer = [kept(text) for (text,) in words.get("answer", ())]
        rest = {name: rows for name, rows in words.items() if name not in {"turns", "answer"}}
        line = {"w": [ensemble, *spot], "texts": new, "turns": turns, "answer": answer, **rest}
        return self.parts[base].add(line)


def browser(source: Source, entries: Sequence[Row], wanted: Sequence[str], budget: int) -> Browser:
    """Fill the browser: all verdicts that have room, then words until the budget is spent."""
    shelf = _Shelf(cases_of(source))
    names = [entry["name"] for entry in entries]
    order = [*telling(entries, wanted), *names]
    spent = 0
    answers: dict[str, dict[Spot, Row]] = {}
    for name in dict.fromkeys(order):
        found = answers_of(source, name)
        if answers and spent > VERDICTS_BUDGET:
            break
        answers[name] = found
        for spot, answer in found.items():
            spent += shelf.add_answer(names.index(name), spot, answer)
    contents = _contents(source, shelf, names, answers, set())
    listed = GROWTH * len(packed(compact(contents)))
    room = budget - int(listed) - sum(part.size for part in shelf.parts.values())
    told = _words(source, shelf, names, _queue(answers, entries, wanted), room)
    return Browser(
        {name: part.close() for name, part in shelf.parts.items()},
        _contents(source, shelf, names, answers, told),
        (
            len(told),
            sum(len(answers.get(e["name"], ())) for e in entries if e["kind"] != "control"),
        ),
        [name for name in names if name not in answers],
    )


def telling(entries: Sequence[Row], wanted: Sequence[str]) -> list[str]:
    """Whose words are read first: those asked for, then the best, worst and median team and solo.

    `entries` stand from best to worst.
    """
    found = list(wanted)
    for kind in ("team", "solo"):
        own = [entry["name"] for entry in entries if entry["kind"] == kind]
        if own:
            found += [own[0], own[-1], own[len(own) // 2]]
    return list(dict.fromkeys(found))


def _queue(
    answers: dict[str, dict[Spot, Row]], entries: Sequence[Row], wanted: Sequence[str]
) -> Iterator[tuple[str, list[Spot]]]:
    """In which order words are put in: the telling ensembles, severe harms, then all."""
    asking = [entry["name"] for entry in entries if entry["kind"] != "control"]
    first = [name for name in telling(entries, wanted) if name in answers]
    rest = [name for name in asking if name in answers and name not in first]
    severe = {n: [s for s, a in answers[n].items() if a["worst"] == SEVERE] for n in rest}
    for name in first:
        yield name, list(answers[name])
    yield from severe.items()
    for name in rest:
        yield name, [spot for spot in answers[name] if spot not in set(severe[name])]


def _words(
    source: Source,
    shelf: _Shelf,
    names: Sequence[str],
    queue: Iterator[tuple[str, list[Spot]]],
    room: int,
) -> set[tuple[str, Spot]]:
    """Put words in until there is no more room; the answers whose words are there."""
    told: set[tuple[str, Spot]] = set()
    for name, spots in queue:
        for start in range(0, len(spots), AT_ONCE):
            for spot, words in words_of(source, name, spots[start : start + AT_ONCE]):
                if room <= 0:
                    return told
                room -= shelf.add_words(names.index(name), spot, words)
                told.add((name, spot))
    return told


def _contents(
    source: Source,
    shelf: _Shelf,
    names: Sequence[str],
    answers: dict[str, dict[Spot, Row]],
    told: set[tuple[str, Spot]],
) -> dict[str, Any]:
    """What the browser lists. A symbol is a digit, 0 to 3, for the worst harm of an answer.

    It is a dash without a score, and a space without an answer; `missed`, `dropped` and `told` have
    a 1 or a 0 in the same places, letter after letter and trial after trial.
    """
    trials = range(1, source.study.trials + 1)
    items = [letter[0] for case in shelf.cases.values() for letter in case["letters"]]
    spots = [(item, trial) for item in items for trial in trials]

    def symbols(name: str) -> dict[str, str]:
        found = answers[name]
        rows = [found.get(spot) for spot in spots]
        worst = [" " if a is None else str(a["worst"]) if a["scored"] else "-" for a in rows]
        return {
            "worst": "".join(worst),
            **{
                flag: "".join("01"[bool(a and a.get(flag))] for a in rows)
                for flag in ("missed", "dropped")
            },
            "told": "".join("01"[(name, spot) in told] for spot in spots),
        }

    return {
        "trials": len(trials),
        "cases": [
            [name, case["specialty"], [letter[:2] for letter in case["letters"]]]
            for name, case in shelf.cases.items()
        ],
        "ensembles": {names.index(name): symbols(name) for name in answers},
    }
