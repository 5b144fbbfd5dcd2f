"""The public interface for extensions; docs/extending.md shows each part with an example.

An extension is a module with a record `EXTENSION`. It is found by an entry point of the group
`primum`, or named by `--extension MODULE` on the command line.
"""

from primum.agents.models.client import ChatClient, Credentials, Message, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.models.registry import ClientRecord
from primum.agents.protocols.record import ProtocolRecord
from primum.agents.roles.aggregator import AGGREGATOR
from primum.agents.roles.critic import CRITIC
from primum.agents.roles.debater import DEBATER
from primum.agents.roles.generator import GENERATOR
from primum.agents.roles.guardian import GUARDIAN
from primum.agents.roles.record import Material, Question, Reads, Role, Stage
from primum.agents.roles.selector import SELECTOR
from primum.agents.roles.simulated import Critique, OptionWording, SimulatedState
from primum.agents.roles.voting import RULE
from primum.agents.specs.model import AgentSpec
from primum.agents.specs.rule import Rule
from primum.agents.topologies.custom import CallFailedError, GraphInput, LangGraphEnsemble
from primum.agents.topologies.ensemble import (
    EnsembleSpec,
    OneSeat,
    ReadsDrafts,
    ReadsSeveral,
    Seats,
)
from primum.agents.topologies.span import DesignPoint, Span, agents
from primum.agents.topologies.wiring import Step, Wiring, aggregator_of, drafts_of, reading, rule_of
from primum.agents.turns.draft_format import show_draft, show_drafts
from primum.agents.turns.exchange import Agent, ask
from primum.agents.turns.transcript import Turn
from primum.evaluation.matching.lexical.matcher import Match
from primum.evaluation.matching.registry import MatcherRecord
from primum.evaluation.metrics.record import (
    CASES,
    HARMS_PER_CASE,
    SCORE,
    SHARE_OF_CASES,
    AnswerMetric,
    Definition,
    Findings,
)
from primum.extend.record import Extension

__all__ = [
    "AGGREGATOR",
    "CASES",
    "CRITIC",
    "DEBATER",
    "GENERATOR",
    "GUARDIAN",
    "HARMS_PER_CASE",
    "RULE",
    "SCORE",
    "SELECTOR",
    "SHARE_OF_CASES",
    "Agent",
    "AgentSpec",
    "AnswerMetric",
    "CallFailedError",
    "ChatClient",
    "ClientRecord",
    "Credentials",
    "Critique",
    "Definition",
    "DesignPoint",
    "EnsembleSpec",
    "Extension",
    "Findings",
    "GraphInput",
    "LangGraphEnsemble",
    "Match",
    "MatcherRecord",
    "Material",
    "Message",
    "OneSeat",
    "OptionWording",
    "Outcome",
    "ProtocolRecord",
    "Question",
    "Reads",
    "ReadsDrafts",
    "ReadsSeveral",
    "Reply",
    "Request",
    "Role",
    "Rule",
    "Seats",
    "SimulatedState",
    "Span",
    "Stage",
    "Step",
    "Turn",
    "Wiring",
    "agents",
    "aggregator_of",
    "ask",
    "drafts_of",
    "reading",
    "rule_of",
    "show_draft",
    "show_drafts",
]
