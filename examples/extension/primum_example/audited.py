"""A graph: one draft, auditors who ask for what it leaves out, and an aggregator."""

from typing import ClassVar, Literal

from primum.extend import (
    AgentSpec,
    OneSeat,
    ReadsDrafts,
    Seats,
    Step,
    Wiring,
    aggregator_of,
    drafts_of,
    reading,
)
from primum_example.auditor import AUDITOR


class Audited(ReadsDrafts):
    """One generator, auditors, and an aggregator that weighs the draft and what they ask for."""

    description: ClassVar[str] = "a draft; auditors who ask for what it leaves out; an aggregator"

    graph: Literal["audited"] = "audited"
    generators: OneSeat
    auditors: Seats
    aggregator: AgentSpec

    def wire(self) -> Wiring:
        """START -> generator-1 -> auditors -> aggregator -> END."""
        drafts = drafts_of(self.generators)
        audits = tuple(
            reading(
                Step(f"auditor-{n}", f"auditor-{n}", AUDITOR, agent, field=f"auditors.{n - 1}"),
                drafts,
            )
            for n, agent in enumerate(self.auditors, 1)
        )
        return Wiring(
            (*drafts, *audits, aggregator_of(self.aggregator, "synthesise", drafts, audits))
        )
