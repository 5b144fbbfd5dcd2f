"""One row an answer: the factors of a team, a solo and a control, and where figures are missing."""

from pathlib import Path

from primum.agents.studies.study import Study
from primum.evaluation.exports.csv_export import FACTORS, figures, scores_of
from primum.evaluation.store.recorder import Result

Recorded = tuple[Path, Result]


def test_the_factors_of_who_answered(recorded: Recorded, study: Study) -> None:
    rows = scores_of(recorded[0], study)
    assert rows.columns == [*FACTORS, *(metric.name for metric in figures())]
    assert len({name.lower() for name in rows.columns}) == len(rows.columns)
    found = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
    assert len(found) == 4 * 5
    names = ["model_family", "models", "team_size", "generators", "distinct_models"]
    names += ["distinct_families", "graph", "simulated"]
    who = {str(r["ensemble"]): tuple(r[name] for name in names) for r in found}
    assert who == {
        "duo": ("gpt+sim-aspen", "openai/ben+sim/ann", 2, 1, 2, 2, "panel", True),
        "ann": ("sim-aspen", "sim/ann", 1, 1, 1, 1, "solo", True),
        "ben": ("gpt", "openai/ben", 1, 1, 1, 1, "solo", False),
        "control:nothing": (None, None, 0, 0, 0, 0, "control", False),
    }
    names = ["base_case", "item", "variant", "edit", "specialty", "trial"]
    assert sorted({tuple(str(r[name]) for name in names) for r in found}) == [
        ("Card1", "Card1", "base", "none", "Cardiology", "1"),
        ("Card1", "Card1-0", "Card1-0", "Age", "Cardiology", "1"),
        ("Derm1", "Derm1", "base", "none", "Dermatology", "1"),
        ("Endo1", "Endo1", "base", "none", "Endocrinology", "1"),
        ("GI1", "GI1", "base", "none", "Gastroenterology", "1"),
    ]


def test_the_harms_of_one_model_by_hand(recorded: Recorded, study: Study) -> None:
    """ben refuses, gives 4, times out, gives nothing, and last 2 with the harmful 1."""
    rows = scores_of(recorded[0], study)
    found = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
    names = ("item", "outcome", "answered", "scored", "severe", "omissions", "commissions")
    bens = [tuple(r[name] for name in names) for r in found if r["ensemble"] == "ben"]
    assert bens == [
        ("Card1", "refusal", False, True, 1, 2, 0),
        ("Card1-0", "ok", True, True, 1, 1, 0),
        ("Derm1", "timeout", False, False, None, None, None),
        ("Endo1", "ok", True, True, 1, 2, 0),
        ("GI1", "ok", True, True, 1, 1, 1),
    ]
