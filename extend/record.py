"""What an extension brings, as one record."""

from dataclasses import dataclass
from pathlib import Path

from primum.agents.models.registry import ClientRecord
from primum.agents.protocols.record import ProtocolRecord
from primum.agents.roles.record import Role
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.evaluation.matching.registry import MatcherRecord
from primum.evaluation.metrics.record import Metric


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What an extension brings; its module holds it as `EXTENSION`.

    Attributes:
        name: of the extension; stands in the manifest of every study that rests on it.
        version: likewise; another version is another study.
        graphs: subclasses of EnsembleSpec, or of LangGraphEnsemble.
        roles: roles for the steps of those graphs.
        prompts: the folder of the roles' prompt files, ROLE.PROTOCOL.md.
        protocols: further ways to ask items and to read the answers.
        metrics: further metrics, which every study then computes.
        matchers: further ways from a text to verdicts, named by `--matcher`.
        clients: chat clients for the models whose ids begin with a prefix.
    """

    name: str
    version: str
    graphs: tuple[type[EnsembleSpec], ...] = ()
    roles: tuple[Role, ...] = ()
    prompts: Path | None = None
    protocols: tuple[ProtocolRecord, ...] = ()
    metrics: tuple[Metric, ...] = ()
    matchers: tuple[MatcherRecord, ...] = ()
    clients: tuple[ClientRecord, ...] = ()
