"""Fields that several records of figures share: their types, and what the store's columns say.

A record whose fields are annotated so is a table of the store: a field's type gives the column's
type, the last text beside it the column's comment, and `KEY` says that the field is one of those
that tell the table's rows apart.
"""

from typing import Annotated


class Key:
    """Marks a field that tells the rows of a table apart."""


KEY = Key()

EnsembleName = Annotated[str, "name of the ensemble, solo or control"]
ItemId = Annotated[str, "id of the base case or variant that was asked"]
Trial = Annotated[int, "repeat, from 1"]
OptionId = Annotated[int, "the option's number on the menu"]
Simulated = Annotated[bool, "whether it rests on simulated clinicians"]
DefinitionName = Annotated[str, "which definition of the metric: 2026-07, 2026-06 or v1"]
MetricName = Annotated[str, "name of the metric, as published"]
Lo = Annotated[float, "lower end of the 95% interval; null with fewer than 3 cases"]
Hi = Annotated[float, "upper end of the 95% interval; null with fewer than 3 cases"]
P = Annotated[float, "two-sided sign-flip test over cases, as it stands"]
CasesWithValue = Annotated[int, "base cases with a value"]
Kind = Annotated[str, "omission or commission"]
Severity = Annotated[str, "mild, moderate or severe"]
SeatName = Annotated[str, "generator-1, critic-1, guardian-1, aggregator, rule, ..."]
RoleName = Annotated[str, "as for turns"]
ModelOrRule = Annotated[str | None, "name of the model in the panel; null for a rule"]
