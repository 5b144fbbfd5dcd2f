"""Rows of the ablation's tables, made by hand: a report shows what stands in the store."""

from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from primum.agents.studies.study import Study
from primum.evaluation.analysis.attribution.attribution import FAILURES
from primum.evaluation.store.database import Store
from primum.tests.evaluation.by_hand import rows_of

SEVERE, F1 = ("2026-07", "Severe_rate"), ("2026-07", "F1_weighted")
KINDS, SEVERITIES = ("omission", "commission"), ("mild", "moderate", "severe")


def analyse(path: Path, study: Study, seat: str = "") -> None:
    """Fill every table of the ablation for a study's teams; `seat` is put in free-text fields."""
    rng = np.random.default_rng(1)
    teams = [e for e in study.ensembles if e.graph not in {"solo", "control", "imported"}]
    models = list(study.models)
    rows: dict[str, list[tuple[Any, ...]]] = {
        "effects": effects(rng, models, seat),
        "shapley_values": [
            (
                *("panel, by birch" + seat, model + seat, *metric, True, *interval(rng), 0.0),
                *(*interval(rng), 0.3, 24, 20, True),
            )
            for model in models
            for metric in (SEVERE, F1)
        ],
        "flows": [row for e in teams for row in flow(rng, e, seat)],
        "error_correlations": correlations(rng, study, seat),
        "ceilings": [
            (e.name, *metric, 0.10 + 0.002 * i, 0.15, 0.12, 0.05, 0.08, 0.05, 0.7, True)
            for i, e in enumerate(teams)
            for metric in (SEVERE, F1)
        ],
        "diversity": [("panel", 3, *SEVERE, 1, 1, 0.06, 0.04, 0.02, -0.01, 0.05, 0.3, 20, True)],
        "team_sizes": [
            (
                *(n, "F1_weighted", 4, 0.6 + 0.04 * n, 0.2 - 0.02 * n, 1),
                *(1.0 + n, 0.5, 9.0, 0.8, 0.5, 1.3, 0.2, True),
            )
            for n in (1, 3, 5)
        ],
        "attributions": list(attributed(path, study, rng, seat)),
    }
    Store(path).write(
        study.id, {t: rows_of(t, found) for t, found in rows.items()}, replace=list(rows)
    )


def effects(rng: np.random.Generator, models: list[str], seat: str) -> list[tuple[Any, ...]]:
    return [
        (kind, role + seat, model + seat, other, *metric, *interval(rng), 0.04, p, 12, 20, True)
        for kind, other in (("add", None), ("swap", "any"))
        for role in ("generator", "critic", "aggregator")
        for model in models
        for metric in (SEVERE, F1)
        for p in (float(rng.uniform(0, 0.3)),)
    ]


def correlations(rng: np.random.Generator, study: Study, seat: str) -> list[tuple[Any, ...]]:
    family = {name: model.family for name, model in study.models.items()}
    return [
        (a + seat, b, family[a] == family[b], severity, *interval(rng), 400, 30, 40, 9, 3.0, True)
        for a, b in combinations(family, 2)
        for severity in ("severe", "any")
    ]


def interval(rng: np.random.Generator) -> tuple[float, float, float]:
    mean, half = float(rng.normal(0, 0.04)), float(rng.uniform(0.01, 0.06))
    return mean, mean - half, mean + half


def flow(rng: np.random.Generator, ensemble: Any, seat: str) -> list[tuple[Any, ...]]:
    found = []
    for name, role, agent in ensemble.seats:
        for kind in KINDS:
            for severity in SEVERITIES:
                wrong = 0 if role == "generator" else int(rng.integers(5, 40))
                fixed, broken = int(rng.integers(0, wrong + 1)), int(rng.integers(1, 12))
                numbers = (400, wrong, fixed, broken, wrong - fixed + broken)
                found.append(
                    (ensemble.name, name + seat, role, agent.model, kind, severity, *numbers, True)
                )
    return found


def attributed(path: Path, study: Study, rng: np.random.Generator, seat: str) -> Any:
    """A cause for every harm that is stored of a team."""
    sql = """select ensemble, item, trial, option_id, kind, severity from harms join ensembles
             using (study, ensemble) where study = ? and option_id is not null
             and graph not in ('solo', 'control', 'imported') order by all"""
    with duckdb.connect(path, read_only=True) as connection:
        harms = connection.execute(sql, [study.id]).fetchall()
    for harm in harms:
        failure = FAILURES[int(rng.integers(len(FAILURES)))]
        role = ("aggregator", "generator")[int(rng.integers(2))]
        missed = ["critic-1" + seat] if rng.random() < 0.5 else []
        right = int(rng.integers(0, 3))
        yield (
            *harm,
            failure,
            role + seat,
            role,
            None,
            3,
            right,
            ["critic-1" + seat] * (not missed),
            missed,
            True,
        )
