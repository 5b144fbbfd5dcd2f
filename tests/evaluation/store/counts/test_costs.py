"""evaluation/store/counts/costs.py: each distinct call once, over however many batches and runs."""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer, Call, Judgement, Turn
from primum.cases.model import Suite
from primum.evaluation.store.counts.costs import Cost, Costs
from primum.evaluation.store.database import Store
from primum.evaluation.store.query import query
from primum.evaluation.store.recorder import Recorder, Result
from primum.evaluation.text_report.run_json import result_json

Prices = Mapping[str, float | None]
CHANCE = random.Random(7)
PRICES = {f"a{n}": CHANCE.random() / 100 for n in range(9)} | {f"j{n}": 0.1 for n in range(4)}
UNKNOWN: Prices = {**PRICES, "a3": None, "j2": None}
COSTS = "select ensemble, calls, cost, judge_calls, judge_cost from cost"


def turn(role: str, keys: Iterable[str], prices: Prices) -> Turn:
    replies = ((key, Reply(outcome=Outcome.OK, text="?", cost=prices[key])) for key in keys)
    calls = tuple(Call(key, "ann", reply) for key, reply in replies)
    return Turn(role, role, "ann", Outcome.OK, "", (), calls)


def answers(suite: Suite, prices: Prices) -> list[Answer]:
    """Of models only; some share calls, with themselves and with one another."""
    asked, judged = ([key for key in prices if key[0] == letter] for letter in "aj")
    found = []
    for item in suite.items():
        for name in ("duo", "ann", "ben"):
            drafts = turn("generator", CHANCE.choices(asked, k=2), prices)
            sheet = turn("matcher", CHANCE.choices(judged, k=CHANCE.randrange(2)), prices)
            votes = (Judgement("one", Outcome.INVALID, "?", turns=(sheet,)),)
            judgement = Judgement("all", Outcome.INVALID, "?", votes=votes)
            judged_too = judgement if name != "ben" else None
            turns = (drafts,)
            found.append(
                Answer(name, item.id, 1, Outcome.OK, "", None, turns, "A plan.", judged_too)
            )
    assert len(found) == 9
    return found + [
        Answer("control:nothing", item.id, 1, Outcome.OK, "", ()) for item in suite.items()
    ]


def spent(turns: Iterable[Turn]) -> Cost:
    """The slow and obvious way."""
    costs = {call.key: call.reply.cost for turn in turns for call in turn.calls}
    known = [cost for cost in costs.values() if cost is not None]
    return Cost(len(costs), sum(known) if len(known) == len(costs) else None)


def recorded(store: Store, study: Study, suite: Suite, found: Sequence[Answer]) -> Result:
    recorder = Recorder(store, study, suite)
    for number, answer in enumerate(found):
        recorder.add(answer)
        if number % 3 == 1:
            recorder.flush()
    return recorder.finish()


def judging(answer: Answer) -> tuple[Turn, ...]:
    return answer.judgement.said if answer.judgement else ()


@pytest.mark.parametrize("prices", [PRICES, UNKNOWN], ids=["known", "unknown"])
def test_calls_that_are_shared_count_once(
    tmp_path: Path, study: Study, tiny_suite: Suite, prices: Prices
) -> None:
    store = Store(tmp_path / "store.duckdb")
    recorded(store, study, tiny_suite, answers(tiny_suite, prices))  # another run before
    found = answers(tiny_suite, prices)
    result = recorded(store, study, tiny_suite, found)
    for name, spending in result.spending.items():
        own = [answer for answer in found if answer.ensemble == name]
        for given, turns in (
            (spending.answering, [turn for answer in own for turn in answer.turns]),
            (spending.judging, [turn for answer in own for turn in judging(answer)]),
        ):
            wanted = spent(turns)
            assert given.calls == wanted.calls
            assert given.cost == (
                wanted.cost if wanted.cost is None else pytest.approx(wanted.cost)
            )
    whole = spent(turn for answer in found for turn in judging(answer))
    assert result.judging.calls == whole.calls > 0
    assert result.judging.cost == (whole.cost if whole.cost is None else pytest.approx(whole.cost))
    assert result.spending["control:nothing"] == Costs()
    assert result.spending["ben"].judging == Cost()
    shown = {one["name"]: one for one in result_json(result, 0, 0)["ensembles"]}
    for row in query(store.path, COSTS).rows:
        one = shown[row[0]]
        told = (one["calls"], one["cost"], one["judge_calls"], one["judge_cost"])
        assert told == (row[1:] if row[3] else (*row[1:4], 0))


def test_what_only_judging_took_is_there_too(
    tmp_path: Path, study: Study, tiny_suite: Suite
) -> None:
    sheet = turn("matcher", ["j0"], PRICES)
    judgement = Judgement("one", Outcome.INVALID, "?", turns=(sheet,))
    plan = Answer("ben", "CardTiny1", 1, Outcome.OK, "", None, (), "From a file.", judgement)
    store = Store(tmp_path / "store.duckdb")
    result = recorded(store, study, tiny_suite, [plan])
    assert result.spending["ben"] == Costs(Cost(), Cost(1, 0.1))
    assert query(store.path, COSTS).rows == [("ben", 0, 0.0, 1, 0.1)]
