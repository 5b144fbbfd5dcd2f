"""Which chat client answers for a model: an extension's, the simulated models', or LiteLLM."""

from primum.agents.models.client import ChatClient, Credentials, Reply, Request
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.registry import CLIENTS, client_of
from primum.agents.simulation.client import PREFIX, SimulatedClient
from primum.agents.simulation.clinician import SimulatedModels


class ModelClient:
    """A ChatClient for every model."""

    def __init__(
        self, simulated_models: SimulatedModels | None = None, others: ChatClient | None = None
    ) -> None:
        """`others` answers for the models of no other client: LiteLLM, if not given."""
        self._simulated = SimulatedClient(simulated_models or SimulatedModels())
        self._clients = {record.name: record.make() for record in CLIENTS}
        self._others = others or LiteLLMClient()

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """One attempt at a call; the reply carries the outcome."""
        return await self._client_of(request.model).complete(request, credentials)

    def _client_of(self, model: str) -> ChatClient:
        if model.startswith(PREFIX):
            return self._simulated
        record = client_of(model)
        return self._clients[record.name] if record else self._others
