"""Which chat client answers a request: an extension's, the simulated models', or Primum's own."""

from primum.agents.models.client import ChatClient, Credentials, Reply, Request
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.openai_client import OpenAIClient
from primum.agents.models.registry import CLIENTS, DIRECT_KEY, ClientRecord, client_of
from primum.agents.simulation.client import PREFIX, SimulatedClient
from primum.agents.simulation.clinician import SimulatedModels
from primum.core.errors import DataError


class ModelClient:
    """A ChatClient for every model."""

    def __init__(
        self, simulated_models: SimulatedModels | None = None, others: ChatClient | None = None
    ) -> None:
        """`others` answers for the models of no other client: LiteLLM, if not given."""
        self._simulated = SimulatedClient(simulated_models or SimulatedModels())
        self._clients = {record.name: _made(record) for record in CLIENTS}
        self._direct = OpenAIClient()
        self._others = others or LiteLLMClient()

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """One attempt at a call; the reply carries the outcome."""
        if request.model.startswith(PREFIX):
            return await self._simulated.complete(request, credentials)
        if request.client == DIRECT_KEY:
            return await self._direct.complete(request, credentials)
        if record := client_of(request.model):
            return await self._ask(record, request, credentials)
        return await self._others.complete(request, credentials)

    async def _ask(self, record: ClientRecord, request: Request, credentials: Credentials) -> Reply:
        """The reply of an extension's client.

        Raises:
            DataError: the client raised an error, or returned something else than a reply.
        """
        try:
            reply = await self._clients[record.name].complete(request, credentials)
        except Exception as error:
            raise _broken(record, f"{type(error).__name__}: {error}") from error
        if not isinstance(reply, Reply):
            raise _broken(record, f"it returned {reply!r:.60}, no primum.extend.Reply")
        return reply


def _made(record: ClientRecord) -> ChatClient:
    try:
        return record.make()
    except Exception as error:
        raise _broken(record, f"it cannot be made: {type(error).__name__}: {error}") from error


def _broken(record: ClientRecord, why: str) -> DataError:
    return DataError(f"the chat client {record.name} failed: {why}")
