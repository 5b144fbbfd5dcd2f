"""The local executor: one process, one event loop."""

from collections.abc import AsyncGenerator, Mapping

from primum.agents.client import ChatClient
from primum.agents.ledger import Ledger, caller
from primum.agents.records import Answer
from primum.agents.study import Study
from primum.cases.model import Suite
from primum.graphs.runner import Imported, MatcherOf, Runner


class LocalExecutor:
    """A runner with a ledger of its own."""

    def __init__(
        self,
        study: Study,
        ledger: Ledger,
        client: ChatClient | None,
        own_clients: Mapping[str, ChatClient] | None = None,
        *,
        matcher_of: MatcherOf | None = None,
        imported: Imported | None = None,
    ) -> None:
        """As the runner's; `matcher_of` makes the matcher of the way to the study's judges."""
        self._ledger = ledger
        judges = study.judge.models if study.judge else {}
        matcher = matcher_of(caller(ledger, judges, client)) if matcher_of else None
        self._runner = Runner(
            study, ledger, client, own_clients, matcher=matcher, imported=imported
        )

    @property
    def made(self) -> int:
        """How many calls were made so far."""
        return self._ledger.made

    @property
    def found(self) -> int:
        """How many questions the record answered so far."""
        return self._ledger.found

    @property
    def endpoints(self) -> dict[str, str]:
        """Calls in flight and the limit, by endpoint."""
        gates = self._ledger.dispatcher.gates
        return {name: f"{gate.in_flight}/{int(gate.limit)}" for name, gate in gates.items()}

    def size(self, suite: Suite) -> int:
        """How many answers `run` will give."""
        return self._runner.size(suite)

    def run(self, suite: Suite) -> AsyncGenerator[Answer]:
        """Every answer, in the order in which they are done."""
        return self._runner.run(suite)

    def close(self) -> None:
        """Close the ledger."""
        self._ledger.close()
