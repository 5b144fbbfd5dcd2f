"""From answers to rows in the store: every table of where harm comes from, and why diversity works."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from primum.agents.models.outcomes import Outcome
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.turns.transcript import Answer
from primum.cases.model import Suite
from primum.evaluation.analysis.attribution.attribution import attributions
from primum.evaluation.analysis.attribution.harm_flows import Flows, count_flows
from primum.evaluation.analysis.attribution.provenance import traces
from primum.evaluation.analysis.diversity.ceilings import ceilings
from primum.evaluation.analysis.diversity.correlations import error_correlations
from primum.evaluation.analysis.diversity.diversity import diversity
from primum.evaluation.metrics.score_table import ScoreBook
from primum.evaluation.statistics.estimates import draw_sample
from primum.evaluation.store.database import Store
from primum.evaluation.store.schema import TABLES
from primum.tests.evaluation.by_hand import rows_of

Make = Callable[..., Any]
DRAFTS = {"ann": (2, 3, 5), "amy": (1, 2, 3, 5), "ben": (3,)}
TEAMS = {"mix": ("ann", "ben"), "kin": ("ann", "amy")}


def row_of(record: Any) -> tuple[Any, ...]:
    return (*(getattr(record, name) for name in record.__slots__), True)


def test_every_table_takes_its_rows(
    tiny_suite: Suite, team: Make, turn: Make, study_of: Make, tmp_path: Path
) -> None:
    solos = [team("solo", name).model_copy(update={"name": name}) for name in DRAFTS]
    votes: list[EnsembleSpec] = [
        team("vote", " ".join(who), rule="majority").model_copy(update={"name": name})
        for name, who in TEAMS.items()
    ]
    study = study_of(*votes, *solos)
    book = ScoreBook(tiny_suite, tuple(spec.name for spec in study.ensembles), 1)

    def answer(name: str, item: str, chosen: Sequence[int], turns: Any = ()) -> Answer:
        return Answer(name, item, 1, Outcome.OK, "", tuple(chosen), tuple(turns))

    answers = []
    for item in tiny_suite.items():
        answers += [answer(name, item.id, chosen) for name, chosen in DRAFTS.items()]
        for name, who in TEAMS.items():
            drafts = [turn(f"generator-{n}", DRAFTS[m], model=m) for n, m in enumerate(who, 1)]
            both = sorted({*DRAFTS[who[0]]} & {*DRAFTS[who[1]]})
            answers.append(answer(name, item.id, both, [*drafts, turn("rule", both)]))
    found = traces(study, book.add(answers))
    flows = Flows()
    flows.add(count_flows(found))
    sample = draw_sample(book, resamples=50)
    made: dict[str, list[Any]] = {
        "attributions": list(attributions(found)),
        "flows": list(flows.rows()),
        "error_correlations": list(error_correlations(sample, study)),
        "ceilings": list(ceilings(sample, study)),
        "diversity": list(diversity(sample, study)),
    }
    store = Store(tmp_path / "store.duckdb")
    for table, rows in made.items():
        assert rows, table
        store.write(study.id, {table: rows_of(table, [row_of(row) for row in rows])})
    with duckdb.connect(store.path) as connection:
        for table, rows in made.items():
            kept = connection.execute(f"select * from {table}").fetchall()
            assert len(kept) == len(rows)
            assert len(kept[0]) == len(TABLES[table].columns)
    # 2 and 5 are ben's omissions, which a majority of two with ties left out makes mix's.
    told = [
        (a.ensemble, a.option_id, a.failure) for a in made["attributions"] if a.item == "EndoTiny1"
    ]
    assert sorted(told) == [
        ("mix", 2, "unresolved_conflict"),
        ("mix", 5, "unresolved_conflict"),
    ]
