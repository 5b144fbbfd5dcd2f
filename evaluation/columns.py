"""Annotated types of fields that several tables share, with the comments of their columns.

A record with fields annotated like this declares a table of the store: the field's type gives the
column's type, the last text of the annotation its comment, and `KEY` marks the columns that, with
the study, identify a row.
"""

from typing import Annotated


class Key:
    """Marks a field as part of the key of its table."""


KEY = Key()

EnsembleName = Annotated[str, "name of the ensemble, solo or control"]
ItemId = Annotated[str, "id of the item: a base case or a variant"]
Trial = Annotated[int, "number of the trial, from 1"]
OptionId = Annotated[int, "the option's number on the menu"]
Simulated = Annotated[bool, "whether simulated clinicians are involved"]
DefinitionName = Annotated[str, "definition of the metric: 2026-07, 2026-06 or v1"]
MetricName = Annotated[str, "name of the metric, as published"]
Lo = Annotated[float, "lower end of the 95% interval; null with fewer than 3 cases"]
Hi = Annotated[float, "upper end of the 95% interval; null with fewer than 3 cases"]
P = Annotated[float, "p of a two-sided sign-flip test over cases, unadjusted"]
CasesWithValue = Annotated[int, "base cases with a value"]
Kind = Annotated[str, "omission or commission"]
Severity = Annotated[str, "mild, moderate or severe"]
SeatName = Annotated[str, "generator-1, critic-1, guardian-1, aggregator, rule, ..."]
RoleName = Annotated[str, "role of the seat, as in the table turns"]
ModelOrRule = Annotated[str | None, "name of the model in the panel; null for a rule"]
