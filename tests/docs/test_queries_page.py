"""docs/queries.md: every question is answered on the embedded suite's simulated study."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import duckdb
import pytest

from primum.cases.load import load_suite
from primum.evaluation.store.query import Rows, query, snapshot
from primum.tests.paths import DOCS
from primum.tests.studies import run_study

PAGE = (DOCS / "queries.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^\*\*(.+?)\*\*[^`]+```sql\n(.+?)```", PAGE, re.MULTILINE | re.DOTALL)
TEAMS = ["trio", "kin"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("page") / "ws"
    run_study(workspace, load_suite("demo"), [*TEAMS, "control:nothing", "control:key"])
    return workspace / "store.duckdb"


def ask(store: Path, words: str) -> tuple[Rows, list[dict[str, object]]]:
    (sql,) = (sql for question, sql in QUESTIONS if words in question)
    found = query(store, sql)
    return found, [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_there_are_ten_questions_or_more() -> None:
    assert len(QUESTIONS) == PAGE.count("```sql") >= 10
    assert all("(from latest)" in sql for _, sql in QUESTIONS)


@pytest.mark.parametrize("question", [question for question, _ in QUESTIONS])
def test_every_question_has_an_answer(question: str, store: Path) -> None:
    found, rows = ask(store, question)
    assert rows
    assert len(set(found.columns)) == len(found.columns)
    assert "simulated" in found.columns
    assert {row["simulated"] for row in rows} <= {True, False}


def check_lost_and_added(store: Path) -> None:
    """The query against a count by hand, of items that the team answered."""
    _, rows = ask(store, "lose, and which does it add")
    with snapshot(store) as connection:
        said = connection.execute("select ensemble, item, options from answers").fetchall()
        members = dict(connection.execute("select ensemble, members from ensembles").fetchall())
    chosen = {(ensemble, item): options for ensemble, item, options in said}
    wanted: Counter[tuple[str, str, str]] = Counter()
    for team in TEAMS:
        for item in load_suite("demo").items():
            after = chosen[team, item.id]
            if after is None:
                continue
            before = set().union(*(chosen[member, item.id] for member in members[team]))
            for option in item.case.options:
                kind = "due" if option.score >= 7 else "harmful" if option.score <= 3 else "uncertain"  # fmt: skip
                found = {(True, True): "kept", (True, False): "lost", (False, True): "added"}
                if what := found.get((option.id in before, option.id in after)):
                    wanted[team, kind, what] += 1
    assert wanted
    for row in rows:
        for what in ("kept", "lost", "added"):
            assert row[what] == wanted[str(row["team"]), str(row["option"]), what]


def test_what_a_team_loses_and_adds_counted_by_hand(store: Path) -> None:
    check_lost_and_added(store)


def test_shared_errors_counted_by_hand(store: Path) -> None:
    _, rows = ask(store, "err together")
    with snapshot(store) as connection:
        found = connection.execute("select ensemble, item, option_id, verdict from verdicts")
        verdicts = {(e, t, o): v for e, t, o, v in found.fetchall()}
    either: dict[tuple[str, int | str], list[int]] = defaultdict(list)
    for item in load_suite("demo").items():
        for option in item.case.options:
            if option.score >= 7:  # any of an alternative group will do
                either[item.id, option.alternative or option.id].append(option.id)
    harmful = [
        (item.id, [option.id])
        for item in load_suite("demo").items()
        for option in item.case.options
        if option.score <= 3
    ]
    decisions = [(item, ids, True) for (item, _), ids in either.items()]
    decisions += [(item, ids, False) for item, ids in harmful]
    assert len(decisions) < sum(len(ids) for _, ids, _ in decisions)
    for row in rows:
        one, other = (
            [
                any(verdicts[str(row[side]), item, o] != "none" for o in ids) != due
                for item, ids, due in decisions
            ]
            for side in ("one", "other")
        )
        both = sum(a and b for a, b in zip(one, other, strict=True)) / len(decisions)
        alone = sum(one) * sum(other) / len(decisions) ** 2
        assert row["decisions"] == len(decisions)
        assert row["both_wrong"] == pytest.approx(both, abs=5e-5)
        assert row["if_independent"] == pytest.approx(alone, abs=5e-5)


def test_omissions_are_those_of_the_board(store: Path) -> None:
    """An alternative group that is left out is one omission, in the query as in the metric."""
    _, rows = ask(store, "in what is left out")
    omissions: Counter[str] = Counter()
    for row in rows:
        omissions[str(row["ensemble"])] += int(str(row["omissions"]))
    with snapshot(store) as connection:
        board = connection.execute(
            """select ensemble, sum(value) from scores join ensembles using (study, ensemble)
               where metric = 'Omissions' and graph <> 'control' group by all"""
        ).fetchall()
    assert omissions == dict(board)


def test_what_was_not_answered_is_not_lost(tmp_path: Path) -> None:
    workspace = tmp_path / "ws"
    run_study(workspace, load_suite("demo"), TEAMS)
    with duckdb.connect(workspace / "store.duckdb") as connection:
        connection.execute(
            """update answers set scored = false, outcome = 'timeout', options = null
               where ensemble = 'trio' and hash(item) % 2 = 0"""
        )
    check_lost_and_added(workspace / "store.duckdb")
