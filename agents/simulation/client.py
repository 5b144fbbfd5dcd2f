"""The chat client of the simulated models, which need no provider."""

import time

from primum.agents.ledger.dispatcher import expected_tokens
from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.simulation.clinician import SimulatedCall, SimulatedModels, UnknownCaseError
from primum.agents.simulation.profiles import Profile

PREFIX = "sim/"


class SimulatedClient:
    """A ChatClient for the models `sim/...`; it uses no network."""

    def __init__(self, simulated_models: SimulatedModels) -> None:
        self._simulated = simulated_models

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """The reply of a simulated model; the outcome PROVIDER_ERROR for an unknown case.

        A token is taken to be four characters. The cost is None unless the panel sets a price.
        """
        started = time.perf_counter()
        try:
            text = self._simulated.reply(
                [message.model_dump() for message in request.messages],
                SimulatedCall(
                    request.model.removeprefix(PREFIX),
                    Profile.model_validate(request.params["simulation"]),
                    str(request.revision),
                    request.trial,
                    request.sample,
                ),
            )
        except UnknownCaseError as error:
            return Reply(outcome=Outcome.PROVIDER_ERROR, reason=str(error))
        asked, said = expected_tokens(request), len(text) // 4
        return Reply(
            outcome=Outcome.OK,
            text=text,
            finish_reason="stop",
            returned_model=request.model,
            input_tokens=asked,
            output_tokens=said,
            cost=credentials.price.of(asked, said) if credentials.price else None,
            seconds=time.perf_counter() - started,
        )
