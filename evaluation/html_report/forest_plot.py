"""The forest plot: each team's paired differences, with their intervals and tests."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from primum.agents.studies.study import REFERENCES
from primum.evaluation.html_report.metric_format import (
    format_interval,
    format_value,
)
from primum.evaluation.html_report.study_source import Row, Source
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED
from primum.evaluation.metrics.record import Metric
from primum.evaluation.metrics.registry import primary_harms

MARGIN = 1.04  # an axis extends a little beyond the furthest interval
SMALLEST_P = 0.001  # smaller p-values are shown as below it
MIN_EXTENT = 0.05  # of an axis, so that noise is not magnified


def differences(source: Source, entries: Sequence[Row]) -> dict[str, Any]:
    """A row for each team and each of its comparators, and the extent of each axis.

    A row has a cell for each of `measures`; positions on the axes are percent of their width.
    """
    shown = (*primary_harms(), F1_WEIGHTED)
    found: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in source.rows("select * from comparisons where study = $1"):
        found[row["ensemble"], row["against"]][f"{row['definition']}/{row['metric']}"] = row
    names = [entry["name"] for entry in entries if entry["ranked"]]
    place = {name: i for i, name in enumerate(names)}
    kept = {pair: cells for pair, cells in found.items() if pair[0] in place}
    extent = {m.key: _extent(m, kept.values()) for m in shown}
    order = list(REFERENCES)
    pairs = sorted(
        kept,
        key=lambda p: (place[p[0]], order.index(p[1]) if p[1] in REFERENCES else len(order), p),
    )
    return {
        "measures": shown,
        "extent": extent,
        "ends": {m.key: format_value(extent[m.key], m.unit.style) for m in shown},
        "against": _against(pairs),
        "rows": [
            {
                "ensemble": ensemble,
                "against": against,
                "label": REFERENCES.get(against, against),
                "cells": [
                    _cell(m, kept[ensemble, against].get(m.key), extent[m.key]) for m in shown
                ],
            }
            for ensemble, against in pairs
        ],
    }


def _against(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The labels of the comparators by name, in the order of the rows."""
    there = {against for _, against in pairs}
    named = sorted(there - set(REFERENCES))
    return {name: REFERENCES.get(name, name) for name in (*REFERENCES, *named) if name in there}


def _extent(one: Metric, rows: Any) -> float:
    ends = [
        abs(row[one.key][side])
        for row in rows
        if one.key in row
        for side in ("difference", "lo", "hi")
        if row[one.key][side] is not None
    ]
    return float(max([MIN_EXTENT, *ends])) * MARGIN


def _cell(one: Metric, row: Row | None, extent: float) -> Row | None:
    """One difference: its text, its position, its direction and its tests."""
    if row is None or row["difference"] is None:
        return None
    mean, lo, hi = row["difference"], row["lo"], row["hi"]
    interval = format_interval(lo, hi, one.unit.style, sign=True)
    significant = bool(interval) and (lo > 0 or hi < 0)
    better = mean < 0 if one.lower else mean > 0
    return {
        "value": format_value(mean, one.unit.style, sign=True).rstrip("%"),
        "interval": interval,
        "at": _percent(mean, extent),
        "from": _percent(lo, extent) if interval else None,
        "to": _percent(hi, extent) if interval else None,
        "direction": ("better" if better else "worse") if significant else "",
        "title": _tests(row, interval),
        "p": _p(row),
        "adjustment": row["adjustment"],
        "other": row["other"],
    }


def _percent(value: float, extent: float) -> float:
    return round(50 + 50 * value / extent, 2)


def _p(row: Row) -> str:
    """The p-value adjusted for the number of tests, or the unadjusted one where there is none."""
    p = row["p"] if row["p_adjusted"] is None else row["p_adjusted"]
    if p is None:
        return ""
    if p < SMALLEST_P or p > 1 - SMALLEST_P:
        return "p < .001" if p < SMALLEST_P else "p = 1"
    return f"p = {p:.3f}".replace("0.", ".", 1)


def _tests(row: Row, interval: str) -> str:
    """A difference's comparator, number of cases, interval, ratio and p-values, on one line."""
    parts = [f"against {row['other']}", f"{row['cases']} cases"]
    if interval:
        parts.append(f"95% interval {interval}")
    if row["ratio"] is not None:
        parts.append(f"ratio {row['ratio']:.2f}")
    if row["p"] is not None:
        parts.append(f"p {row['p']:.3f} unadjusted")
    if row["p_adjusted"] is not None:
        parts.append(f"{row['p_adjusted']:.3f} adjusted ({row['adjustment']})")
    return "; ".join(parts)
