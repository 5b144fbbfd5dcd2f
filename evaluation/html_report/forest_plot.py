"""Harm reduction: each team's paired differences, as a forest of small intervals."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from primum.agents.studies.study import REFERENCES
from primum.evaluation.html_report.metric_format import (
    COMMISSIONS,
    HEADLINE,
    MILD,
    MODERATE,
    OMISSIONS,
    SEVERE,
    Measure,
    spread,
    written,
)
from primum.evaluation.html_report.study_source import Row, Source

SHOWN = (SEVERE, MODERATE, MILD, OMISSIONS, COMMISSIONS, HEADLINE)
ROOM = 1.04  # an axis reaches a little beyond its furthest end
LEAST = 0.001  # p-values are written down to this
FEWEST = 0.05  # the least reach of an axis, so that noise is not blown up


def differences(source: Source, entries: Sequence[Row]) -> dict[str, Any]:
    """Teams with a row for each of what they are compared with, and the reach of each axis.

    A row has a cell for each of `SHOWN`; positions on the axes are percent of their width.
    """
    found: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in source.rows("select * from comparisons where study = $1"):
        found[row["ensemble"], row["against"]][f"{row['definition']}/{row['metric']}"] = row
    names = [entry["name"] for entry in entries if entry["kind"] != "control"]
    place = {name: i for i, name in enumerate(names)}
    kept = {pair: cells for pair, cells in found.items() if pair[0] in place}
    reach = {m.key: _reach(m, kept.values()) for m in SHOWN}
    order = list(REFERENCES)
    pairs = sorted(
        kept,
        key=lambda p: (place[p[0]], order.index(p[1]) if p[1] in REFERENCES else len(order), p),
    )
    return {
        "measures": SHOWN,
        "reach": reach,
        "ends": {m.key: written(reach[m.key], m.unit) for m in SHOWN},
        "against": _against(pairs),
        "rows": [
            {
                "ensemble": ensemble,
                "against": against,
                "label": REFERENCES.get(against, against),
                "cells": [
                    _cell(m, kept[ensemble, against].get(m.key), reach[m.key]) for m in SHOWN
                ],
            }
            for ensemble, against in pairs
        ],
    }


def _against(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What there is to compare with, in words, in the order of the rows."""
    there = {against for _, against in pairs}
    named = sorted(there - set(REFERENCES))
    return {name: REFERENCES.get(name, name) for name in (*REFERENCES, *named) if name in there}


def _reach(one: Measure, rows: Any) -> float:
    ends = [
        abs(row[one.key][side])
        for row in rows
        if one.key in row
        for side in ("difference", "lo", "hi")
        if row[one.key][side] is not None
    ]
    return float(max([FEWEST, *ends])) * ROOM


def _cell(one: Measure, row: Row | None, reach: float) -> Row | None:
    """One difference: as it is written, where it lies, which way it points, and its tests."""
    if row is None or row["difference"] is None:
        return None
    mean, lo, hi = row["difference"], row["lo"], row["hi"]
    interval = spread(lo, hi, one.unit, sign=True)
    sure = bool(interval) and (lo > 0 or hi < 0)
    better = mean < 0 if one.lower else mean > 0
    return {
        "value": written(mean, one.unit, sign=True).rstrip("%"),
        "interval": interval,
        "at": _percent(mean, reach),
        "from": _percent(lo, reach) if interval else None,
        "to": _percent(hi, reach) if interval else None,
        "sure": ("better" if better else "worse") if sure else "",
        "title": _tests(row, interval),
        "p": _p(row),
        "adjustment": row["adjustment"],
        "other": row["other"],
    }


def _percent(value: float, reach: float) -> float:
    return round(50 + 50 * value / reach, 2)


def _p(row: Row) -> str:
    """The p-value that allows for the number of tests; the plain one where there is none."""
    p = row["p"] if row["p_adjusted"] is None else row["p_adjusted"]
    if p is None:
        return ""
    if p < LEAST or p > 1 - LEAST:
        return "p < .001" if p < LEAST else "p = 1"
    return f"p = {p:.3f}".replace("0.", ".", 1)


def _tests(row: Row, interval: str) -> str:
    """What lies behind a difference, in one line."""
    parts = [f"against {row['other']}", f"{row['cases']} cases"]
    if interval:
        parts.append(f"95% interval {interval}")
    if row["ratio"] is not None:
        parts.append(f"ratio {row['ratio']:.2f}")
    if row["p"] is not None:
        parts.append(f"p {row['p']:.3f} as it stands")
    if row["p_adjusted"] is not None:
        parts.append(f"{row['p_adjusted']:.3f} adjusted ({row['adjustment']})")
    return "; ".join(parts)
