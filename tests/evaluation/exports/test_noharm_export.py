"""evaluation/exports/noharm_export.py: a stored study in the published kit's files, and back."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import (
    VERDICTS,
    Answer,
    JudgedAction,
    Judgement,
    OptionVerdict,
    Verdict,
)
from primum.cases.model import Suite
from primum.core.errors import DataError, UsageError
from primum.evaluation.exports.csv_export import scores_of
from primum.evaluation.exports.noharm_export import answers_of, judged_of, require_ensemble
from primum.evaluation.exports.noharm_kit import (
    Judged,
    PublishedAnswer,
    answers_by_item,
    dump_lines,
    read_judged,
    rescore,
    usage_of,
)
from primum.evaluation.metrics.july_2026 import JULY_2026
from primum.evaluation.metrics.june_2026 import JUNE_2026
from primum.evaluation.metrics.version_1 import VERSION_1
from primum.evaluation.store.database import Store
from primum.evaluation.store.query import snapshot
from primum.evaluation.store.recorder import Recorder

TRIALS = 10
COUNTS = {"Omissions": "omissions", "Commissions": "commissions"}
TEXT = "Order test A \u2014 now.\r\n2. \U0001f600 <b>=1+1</b>\t\x00 Start drug B\n"
REFUSED, LATE, UNJUDGED = ("CardTiny1", 1), ("CardTiny1-0", 1), ("EndoTiny1", 1)
PUBLISHED_FIELDS = ["id", "trial", "judge", "options", "responseActions", "harm", "nonrubric_harms", "metrics", "response_len"]  # fmt: skip
Twin = Callable[..., list[Any]]


class Stored(NamedTuple):
    path: Path
    study: Study
    suite: Suite

    def judged(self, ensemble: str) -> list[Judged]:
        return judged_of(self.path, self.study, self.suite, ensemble)

    def answers(self, ensemble: str) -> list[PublishedAnswer]:
        return answers_of(self.path, self.study, self.suite, ensemble)

    def scores(self, ensemble: str, definition: str) -> dict[tuple[str, int], dict[str, float]]:
        sql = f"""select item, trial, metric, value from scores
                  where ensemble = '{ensemble}' and definition = '{definition}'"""
        found: dict[tuple[str, int], dict[str, float]] = {}
        with snapshot(self.path) as connection:
            for item, trial, metric, value in connection.execute(sql).fetchall():
                found.setdefault((item, trial), {})[metric] = value
        return found


def judgement(draw: random.Random, suite: Suite, item: str) -> Judgement:
    """What a judge may make of an answer; verdicts and actions need not fit one another."""
    case = next(t.case for t in suite.items() if t.id == item)
    ids = [option.id for option in case.options]
    verdicts = tuple(OptionVerdict(i, draw.choice(VERDICTS), "test A") for i in ids)
    actions = tuple(
        JudgedAction(
            number=number,
            action=f"Action {number}",
            category="Medication",
            matches=tuple(draw.sample(ids, draw.choice((0, 0, 1, 2)))),
            score=draw.randint(1, 9),
        )
        for number in range(1, draw.randint(1, 6))
    )
    return Judgement("oak+elm", Outcome.OK, "", verdicts, actions)


def write(folder: Path, suite: Suite, protocol: Protocol, answer: Callable[[str, str, int], Answer]) -> Stored:  # fmt: skip
    study = Study(
        suite=suite.info,
        suite_digest="0" * 64,
        protocol=protocol,
        matcher="judge:oak" if protocol.name == "plan" else "menu/1",
        models={
            "ann": ModelSpec(id="sim/ann", family="sim-aspen", access="open"),
            "ben": ModelSpec(id="openai/ben", family="gpt", access="proprietary"),
        },
        ensembles=(
            ensemble_of(name="ann", graph="solo", generators=(AgentSpec(model="ann"),)),
            ensemble_of(name="ben", graph="solo", generators=(AgentSpec(model="ben"),)),
            ensemble_of(name="control:some", graph="control"),
        ),
        trials=TRIALS,
        seed=0,
        version="0",
    )
    recorder = Recorder(Store(folder / "store.duckdb"), study, suite)
    places = [(item.id, trial) for item in suite.items() for trial in range(1, TRIALS + 1)]
    for name in ("control:some", "ben", "ann"):  # not in the order in which they are exported
        for place in reversed(places):
            recorder.add(answer(name, *place))
    recorder.flush()
    return Stored(folder / "store.duckdb", study, suite)


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory, tiny_suite: Suite) -> Stored:
    """Plans as a judge might see them: ben's first three were refused, late and unjudged."""
    draw = random.Random(0)

    def answer(name: str, item: str, trial: int) -> Answer:
        if name == "control:some":
            chosen = tuple(draw.sample(range(1, 8), draw.randint(0, 7)))
            return Answer(name, item, trial, Outcome.OK, "", chosen)
        if name == "ben" and (item, trial) == REFUSED:
            return Answer(name, item, trial, Outcome.REFUSAL, "no", None)
        if name == "ben" and (item, trial) == LATE:
            return Answer(name, item, trial, Outcome.TIMEOUT, "late", None)
        judged = judgement(draw, tiny_suite, item)
        if name == "ben" and (item, trial) == UNJUDGED:
            judged = Judgement("oak+elm", Outcome.INVALID, "unsound")
        text = TEXT * draw.randint(1, 60)
        return Answer(name, item, trial, Outcome.OK, "", None, (), text, judged)

    folder = tmp_path_factory.mktemp("plans")
    return write(folder, tiny_suite, Protocol(name="plan", form="unlimited"), answer)


@pytest.fixture(scope="module")
def menus(tmp_path_factory: pytest.TempPathFactory, tiny_suite: Suite) -> Stored:
    draw = random.Random(1)

    def answer(name: str, item: str, trial: int) -> Answer:
        chosen = tuple(sorted(draw.sample(range(1, 8), draw.randint(0, 7))))
        return Answer(name, item, trial, Outcome.OK, "", chosen, (), TEXT)

    return write(tmp_path_factory.mktemp("menus"), tiny_suite, Protocol(), answer)


@pytest.fixture(params=["plans", "menus"])
def stored(request: pytest.FixtureRequest) -> Stored:
    found: Stored = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("ensemble", ["ann", "ben", "control:some"])
def test_exported_records_give_every_score_of_the_store_again(
    ensemble: str, stored: Stored, tmp_path: Path
) -> None:
    file = tmp_path / "judged.jsonl"
    file.write_text(dump_lines(stored.judged(ensemble)), encoding="utf-8")
    records = read_judged(file, stored.suite)
    for definition in (JULY_2026.name, VERSION_1.name, JUNE_2026.name):
        wanted = stored.scores(ensemble, definition)
        found = rescore(records, stored.suite, definition)
        assert {(r.id, r.trial) for r, _ in found} == set(wanted)
        for record, values in found:
            defined = {
                name: value
                for name, value in values.items()
                if value == value and name not in {"F1_floor", "Resilience"}  # noqa: PLR0124
            }
            assert defined == pytest.approx(wanted[record.id, record.trial], abs=1e-12, rel=0)
            if definition == JULY_2026.name:
                assert isinstance(record.metrics, dict)
                own = {k: v for k, v in record.metrics.items() if v is not None}
                assert own.pop("response_len") == record.response_len
                assert own == pytest.approx(defined, abs=1e-12, rel=0)


def test_records_have_exactly_the_published_fields(stored: Stored, mast_open: Path) -> None:
    lines = (mast_open / "examples" / "gpt-5.5_judged.jsonl").read_text("utf-8").splitlines()
    published = [json.loads(line) for line in lines]
    assert list(published[0]) == PUBLISHED_FIELDS
    ours = [json.loads(line) for line in dump_lines(stored.judged("ann")).splitlines()]
    for record in ours:
        assert list(record) == PUBLISHED_FIELDS
        assert set(record["metrics"]) == set(published[0]["metrics"])
        for field in ("options", "responseActions", "nonrubric_harms"):
            for entry in record[field]:
                assert list(entry) == list(published[0][field][0])
    assert any(record["responseActions"] for record in ours)


def test_answers_have_exactly_the_published_fields(stored: Stored, mast_open: Path) -> None:
    line = (mast_open / "examples" / "gpt-5.5.jsonl").read_text("utf-8").splitlines()[0]
    lines = dump_lines(stored.answers("ben")).splitlines()
    assert {tuple(json.loads(line)) for line in lines} == {tuple(json.loads(line))}


def test_harms_are_those_of_a_slow_twin(
    plans: Stored, slow: ModuleType, slow_options: Twin
) -> None:
    cases = {item.id: item.case for item in plans.suite.items()}
    kinds = set()
    for record in plans.judged("ann"):
        verdicts: dict[int, Verdict] = {o.id: o.verdict for o in record.options}
        actions = [slow.Action(*action.as_action()) for action in record.response_actions]
        found = slow.harms(slow_options(cases[record.id]), verdicts, actions)
        on_rubric = [(kind, severity, option) for kind, severity, option in found if option]
        assert isinstance(record.harm, list)
        ours = [(h["type"], h["severity"], h["id"]) for h in record.harm]  # type: ignore[index,call-overload]
        assert sorted(ours) == sorted(on_rubric)
        kinds |= set(on_rubric)
        off = [a.score for a in record.response_actions if not a.match]
        named = {1: "Severe", 2: "Moderate", 3: "Mild", 7: "Mild", 8: "Moderate", 9: "Severe"}
        assert record.nonrubric_harms == [
            {"score": score, "severity": named.get(score or 0, "Uncertain")} for score in off
        ]
        assert all(a.score == 0 for a in record.response_actions if a.match)
    assert {kind for kind, _, _ in kinds} == {"omission", "commission"}


def test_what_is_left_out(plans: Stored) -> None:
    """An answer that was not given has no text; one that is not judged has no verdicts."""
    everything = [(t.id, n) for t in plans.suite.items() for n in range(1, TRIALS + 1)]
    assert [(a.id, a.trial) for a in plans.answers("ann")] == everything
    given = [place for place in everything if place not in {REFUSED, LATE}]
    assert [(a.id, a.trial) for a in plans.answers("ben")] == given
    judged = [place for place in everything if place not in {LATE, UNJUDGED}]
    assert [(r.id, r.trial) for r in plans.judged("ben")] == judged
    (refused,) = (r for r in plans.judged("ben") if (r.id, r.trial) == REFUSED)
    assert not any(option.matched for option in refused.options)
    assert (refused.response_actions, refused.response_len) == ((), 0)
    assert plans.answers("control:some") == []


def test_answers_are_whole_and_their_length_is_the_records(plans: Stored) -> None:
    texts = {(a.id, a.trial): a.response for a in plans.answers("ann")}
    assert all(set(text.split(TEXT)) == {""} for text in texts.values())
    for record in plans.judged("ann"):
        assert record.response_len == len(texts[record.id, record.trial])


def test_simulated_answers_say_so_and_others_do_not(stored: Stored) -> None:
    assert {json.dumps(a.usage) for a in stored.answers("ann")} == {'{"simulated": true}'}
    assert all(r.judge.endswith("(of simulated answers)") for r in stored.judged("ann"))
    assert {a.usage for a in stored.answers("ben")} == {None}
    assert {r.judge for r in stored.judged("ben")} == {stored.study.matcher}


def test_a_menus_options_are_its_actions(menus: Stored) -> None:
    texts = {option.id: option.text for option in menus.suite.cases[0].options}
    for record in menus.judged("ben"):
        chosen = [option.id for option in record.options if option.matched]
        assert [a.match for a in record.response_actions] == [str(option) for option in chosen]
        assert [a.action for a in record.response_actions] == [texts[i] for i in chosen]
        assert (record.nonrubric_harms, record.response_len) == ([], 0)


def test_one_row_an_answer_with_every_metric(stored: Stored) -> None:
    rows = scores_of(stored.path, stored.study)
    found = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
    places = {(r["ensemble"], r["item"], r["trial"]) for r in found}
    assert len(found) == len(places) == 3 * 3 * TRIALS
    wanted = {
        (ensemble, definition): stored.scores(ensemble, definition)
        for ensemble in ("ann", "ben", "control:some")
        for definition in (JULY_2026.name, VERSION_1.name)
    }
    for row in found:
        assert row["simulated"] == (row["ensemble"] == "ann")
        place = (str(row["item"]), int(str(row["trial"])))
        for definition in (JULY_2026.name, VERSION_1.name):
            values = wanted[str(row["ensemble"]), definition].get(place, {})
            assert row["scored"] == bool(values)
            assert {name: row[COUNTS.get(name, name)] for name in values} == values
        for name in ("severe", "moderate", "mild"):
            assert row[name] == row[f"{name.capitalize()}_rate"]
    if stored.study.protocol.name == "plan":
        blank = [r for r in found if r["F1_weighted"] is None]
        reasons = {(r["item"], r["outcome"], r["unjudged"]) for r in blank}
        assert reasons == {(LATE[0], "timeout", None), (UNJUDGED[0], "ok", "unsound")}
        flags = {(r["item"], r["answered"], r["judged"], r["scored"]) for r in blank}
        assert flags == {(LATE[0], False, False, False), (UNJUDGED[0], True, False, False)}
        (refused,) = (r for r in found if r["outcome"] == "refusal")
        assert (refused["answered"], refused["judged"], refused["scored"]) == (False, False, True)


def test_the_ensembles_to_export(plans: Stored) -> None:
    assert require_ensemble(plans.study, None) == ["ann", "ben"]
    assert require_ensemble(plans.study, "control:some") == ["control:some"]
    with pytest.raises(UsageError, match=r"--ensemble bob: no such ensemble; .* ann, ben, control"):
        require_ensemble(plans.study, "bob")


def test_steadiness_is_that_of_the_letters_of_one_case_in_one_trial(
    plans: Stored, slow: ModuleType, slow_options: Twin
) -> None:
    case = plans.suite.cases[0]
    groups = {option.id: option.abstraction for option in case.options}
    records = plans.judged("ann")
    for definition in (JULY_2026.name, JUNE_2026.name, VERSION_1.name):
        for record, values in rescore(records, plans.suite, definition):
            steady = definition == JULY_2026.name and not record.id.startswith("EndoTiny1")
            assert ({"F1_floor", "Resilience"} <= set(values)) == steady
            if steady:
                letters = [r for r in records if r.id.startswith("CardTiny1") and r.trial == record.trial]  # fmt: skip
                alone = [rescore([r], plans.suite)[0].metrics for r in letters]
                assert all("F1_floor" not in metrics for metrics in alone)
                floor = slow.f1_floor([metrics["F1_weighted"] for metrics in alone])
                verdicts = [{o.id: o.verdict for o in r.options} for r in letters]
                wanted = slow.resilience(slow_options(case), verdicts, groups)
                assert values["F1_floor"] == pytest.approx(floor, abs=1e-12)
                assert values["Resilience"] == pytest.approx(wanted, abs=1e-12)


PLACES = st.tuples(st.sampled_from(["CardTiny1", "CardTiny1-0", "EndoTiny1"]), st.integers(1, 5))
MARKED = [usage_of(simulated=True, degraded=n) for n in (0, 2)]
USAGES = st.none() | st.sampled_from(MARKED) | st.just({"simulated": False, "tokens": 5})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.dictionaries(PLACES, st.tuples(st.text(), USAGES), min_size=1))
def test_any_text_comes_back_as_it_was(
    said: dict[tuple[str, int], tuple[str, Any]], tiny_suite: Suite, tmp_path: Path
) -> None:
    answers = [
        PublishedAnswer(id=item, trial=trial, response=text)
        if usage is None
        else PublishedAnswer(id=item, trial=trial, response=text, usage=usage)
        for (item, trial), (text, usage) in said.items()
    ]
    file = tmp_path / "a.jsonl"
    file.write_bytes(dump_lines(answers).encode())
    found = answers_by_item(file, tiny_suite)
    assert found.texts == {place: text for place, (text, _) in said.items()}
    assert found.simulated == any(usage in MARKED for _, usage in said.values())


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['{"id": "Nobody1", "trial": 1, "response": ""}'], ":1: id: Nobody1 is not in the suite"),
        (['{"id": "CardTiny1", "trial": 0, "response": ""}'], ":1: trial: not from 1 to 1000"),
        (['{"id": "CardTiny1", "trial": 1, "response": ""}'] * 2, ":2: id: CardTiny1, trial 1 oc"),
        (["", '{"id": "CardTiny1", "trial": 1}'], ":2: response"),
        (['{"id": "CardTiny1", "trial": 1, "response": "\\ud800"}'], ":1: "),
        (["", " "], ": the file has no answer"),
    ],
)
def test_bad_answers_are_refused_with_their_place(
    lines: list[str], words: str, tiny_suite: Suite, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(lines))
    with pytest.raises(DataError) as caught:
        answers_by_item(file, tiny_suite)
    assert str(caught.value).startswith(f"{file}{words}")
    assert "\n" not in str(caught.value)
