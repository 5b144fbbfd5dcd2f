"""Harms on their way through seats, and attributions, against a slow reference on random teams."""

from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from primum.agents.turns.transcript import Turn
from primum.cases.model import Case
from primum.evaluation.analysis.attribution.attribution import attributions
from primum.evaluation.analysis.attribution.harm_flows import Flow, Flows, count_flows
from primum.evaluation.analysis.attribution.provenance import traces
from primum.evaluation.metrics.registry import column_names
from primum.evaluation.metrics.version_1 import VERSION_1
from primum.evaluation.scoring.answer_key import SEVERITIES
from primum.evaluation.store.schema import TABLES
from primum.tests.wired import wired

Make = Callable[..., Any]
MODELS = {"generator": "ann", "critic": "cat", "guardian": "ben", "layer": "dan"}


class Meeting:
    """An answer in the making: turns for the code under test, and what was said for the twin."""

    def __init__(self, slow: ModuleType, make: Make, draw: Make, ids: list[int]) -> None:
        self.slow, self.make, self.draw = slow, make, draw
        self.options = st.frozensets(st.sampled_from(ids))
        self.turns: list[Turn] = []
        self.said: list[Any] = []

    def write(self, seat: str, reads: list[int], role: str | None = None, **more: Any) -> int:
        text = self.draw(self.options)
        kind = seat.split("-", maxsplit=1)[0]
        model = "" if seat == "rule" else MODELS.get(kind, "dan")
        role = role or {"layer": "aggregator"}.get(kind, kind)
        critics = [i for i, s in enumerate(self.said) if s.role == "critic"]
        contested = critics if seat == "aggregator" else []
        self.turns.append(self.make(seat, text, model=model, role=role, **more))
        stage = f"{role} {more.get('round')} {seat[:7] if kind == 'layer' else ''}"
        stage += seat if kind == "guardian" else ""
        self.said.append(self.slow.Said(seat, role, model, stage, reads, text, contested))
        return len(self.said) - 1

    def criticise(self, seat: str, draft: int) -> None:
        add, remove = self.draw(self.options), self.draw(self.options)
        about = self.said[draft].seat
        self.turns.append(self.make(seat, add, remove=remove - add, model="cat", about=about))
        text = (self.said[draft].text - remove) | add
        self.said.append(self.slow.Said(seat, "critic", "cat", "critic", [draft], text))


def meet(m: Meeting, graph: str, size: int, depth: int) -> Any:
    """A team of a graph, and what its seats say in their order."""
    first = [m.write(f"generator-{n}", []) for n in range(1, size + 1)]
    generators = " ".join(["ann"] * size)
    if graph == "vote":
        m.write("rule", first)
        return {"generators": generators, "rule": "majority"}
    if graph == "panel":
        for draft in first:
            for n in range(1, depth + 1):
                m.criticise(f"critic-{n}", draft)
        m.write("aggregator", first)
        return {"generators": generators, "critics": " ".join(["cat"] * depth), "aggregator": "dan"}
    if graph == "relay":
        for n in range(1, depth + 1):
            m.write(f"guardian-{n}", [len(m.said) - 1], about=m.said[-1].seat)
        return {"generators": generators, "guardians": " ".join(["ben"] * depth)}
    if graph == "layers":
        before = first
        for layer in range(2, depth + 2):
            before = [m.write(f"layer-{layer}-{n}", before) for n in (1, 2)]
        m.write("aggregator", before)
        return {"generators": generators, "layers": ("dan dan",) * depth, "aggregator": "dan"}
    for number in range(2, depth + 2):
        first = [
            m.write(f"generator-{n}", [own], role="debater", round=number)
            for n, own in enumerate(first, 1)
        ]
    m.write("rule", first)
    return {"generators": generators, "rounds": depth, "rule": "majority"}


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_ways_are_those_of_a_slow_reference(
    data: DataObject,
    any_case: SearchStrategy[Case],
    slow: ModuleType,
    turn: Make,
    team: Make,
    study_of: Make,
    scored: Make,
) -> None:
    case = data.draw(any_case)
    graph = data.draw(st.sampled_from(("vote", "panel", "relay", "layers", "debate")))
    size = 1 if graph == "relay" else data.draw(st.integers(2, 4))
    depth = data.draw(st.integers(1, 2))
    meetings = []
    shape: dict[str, Any] = {}
    for _ in range(2):
        m = Meeting(slow, turn, data.draw, [option.id for option in case.options])
        shape = meet(m, graph, size, depth)
        meetings.append(m)
    spec = team(graph, **shape)
    answers = [(wired(spec, m.turns), tuple(m.said[-1].text)) for m in meetings]
    found = traces(study_of(spec), [scored(case, *answers)])
    told = [slow.tell(case, m.said) for m in meetings]

    got = Counter(
        (
            *(a.trial, a.kind, a.severity, a.failure, a.seat, a.role, a.model),
            *(a.drafts, a.drafts_right, tuple(sorted(a.caught_by)), tuple(sorted(a.missed_by))),
        )
        for a in attributions(found)
    )
    assert got == Counter((trial, *row) for trial, (rows, _) in enumerate(told, 1) for row in rows)

    wanted: dict[Any, list[int]] = {}
    for _, flows in told:
        for key, counts in flows.items():
            old = wanted.get(key, [0] * 5)
            wanted[key] = [a + b for a, b in zip(old, counts, strict=True)]
    total = Flows()
    total.add(count_flows(found))
    assert {
        (f.seat, f.role, f.model or "", f.kind, f.severity): [
            *(f.read, f.wrong_in, f.fixed, f.broken, f.wrong_out)
        ]
        for f in total.rows()
    } == wanted


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_every_harm_that_is_counted_is_told_once(
    data: DataObject,
    any_case: SearchStrategy[Case],
    turn: Make,
    team: Make,
    study_of: Make,
    scored: Make,
) -> None:
    case = data.draw(any_case)
    some = st.frozensets(st.sampled_from([option.id for option in case.options]))
    drafts = [turn(f"generator-{n}", data.draw(some)) for n in (1, 2)]
    final = tuple(data.draw(some))
    spec = team("vote", "ann ann", rule="union")
    batch = scored(case, (wired(spec, [*drafts, turn("rule", final)]), final))
    found = list(attributions(traces(study_of(spec), [batch])))
    for kind, metric in (("omission", "Omissions"), ("commission", "Commissions")):
        own = [a for a in found if a.kind == kind]
        assert len(own) == batch.values[0, column_names().index((VERSION_1.name, metric))]
        column = getattr(batch.harms, kind)[0]
        for (
            a
        ) in own:  # the option that stands for the possible_harm has the possible_harm's severity
            at = batch.batch.key.index[a.option_id]
            assert SEVERITIES[column[at]] == a.severity


def test_a_row_is_the_columns_of_its_table() -> None:
    columns = [column.name for column in TABLES["flows"].columns]
    assert ["study", *Flow.__slots__, "simulated"] == columns


def test_turns_that_gave_nothing_let_nothing_through(
    rubric: Make, turn: Make, team: Make, study_of: Make, scored: Make
) -> None:
    spec = team("panel", "ann ben", aggregator="dan")
    case = rubric({1: 1, 2: 9, 3: 5})
    turns = [turn("generator-1", (1, 2)), turn("generator-2", None, model="ben")]
    turns.append(turn("aggregator", None, model="dan"))
    said = wired(spec, turns)
    found = traces(study_of(spec), [scored(case, (said, None)), scored(case, (said, None))])
    total = Flows()
    for _ in range(2):
        total.add(count_flows(found))
    assert list(total.rows()) == [
        Flow("team", "generator-1", "generator", "ann", "omission", "severe", 4, 0, 0, 0, 0),
        Flow("team", "generator-1", "generator", "ann", "commission", "severe", 4, 0, 0, 4, 4),
    ]
    silent = wired(spec, [turn("generator-1", None), turn("generator-2", None, model="ben")])
    assert count_flows(traces(study_of(spec), [scored(case, (silent, None))])) == {}
