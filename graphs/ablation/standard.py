"""The plan of `primum ablate` without --plan: the teams of a panel's models over some roles."""

from collections.abc import Sequence
from dataclasses import dataclass

from primum.agents.roles.aggregator import AGGREGATOR
from primum.agents.roles.critic import CRITIC
from primum.agents.roles.debater import DEBATER
from primum.agents.roles.generator import GENERATOR
from primum.agents.roles.guardian import GUARDIAN
from primum.agents.roles.selector import SELECTOR
from primum.agents.roles.voting import RULE
from primum.agents.specs.model import ModelSpec
from primum.agents.specs.rule import Rule
from primum.agents.studies.study import Contrast
from primum.agents.topologies.debate import Debate
from primum.agents.topologies.panel import PanelOfAgents
from primum.agents.topologies.relay import Relay
from primum.agents.topologies.self_consistency import SelfConsistency
from primum.agents.topologies.vote import Vote
from primum.agents.topologies.wiring import Aggregation
from primum.core.errors import UsageError
from primum.graphs.ablation.design import AblationPlan, Design

ROLES = (GENERATOR, CRITIC, AGGREGATOR, SELECTOR, GUARDIAN, DEBATER, RULE)
"""The roles that `--roles` can name."""
DEFAULT_ROLES = ",".join(role.name for role in (GENERATOR, AGGREGATOR, GUARDIAN))
DEFAULT_LARGEST_TEAM = 5
LONGEST_CHAIN = 3
AGGREGATORS = 3
SAMPLES = (3, 5)
CONSOLIDATING: dict[str, Aggregation] = {AGGREGATOR.name: "synthesise", SELECTOR.name: "select"}
MAJORITY = Rule(name="majority")


@dataclass(frozen=True, kw_only=True)
class StandardPlanOptions:
    """What the standard plan of a panel holds.

    Attributes:
        roles: names out of `ROLES`.
        up_to: the largest number of generators; None is 5.
        aggregators: models that may aggregate or select; none takes the panel's first three.
        max_ensembles: the number of ensembles to draw; None takes all.
        seed: of the draw.
        contrasts: comparisons registered beforehand.
    """

    roles: Sequence[str]
    up_to: int | None = None
    aggregators: Sequence[str] = ()
    max_ensembles: int | None = None
    seed: int = 0
    contrasts: Sequence[Contrast] = ()


def standard_plan(
    panel: str,
    models: dict[str, ModelSpec],
    options: StandardPlanOptions,
) -> AblationPlan:
    """The standard plan of a panel: every team of its models over some roles.

    Generators in every combination, with every aggregator, without a critic and with each; relays
    in every order, of three models at most; votes by majority and union if no agent aggregates; and
    always self-consistency of each model, which has as many calls: three and five samples.

    Args:
        panel: the panel's name or file.
        models: the panel's, by name.
        options: roles and limits.

    Raises:
        UsageError: an unknown role, no generator, a critic or aggregators without a role that needs
            them, or an aggregator that is not in the panel.
    """
    roles, aggregators, up_to = options.roles, options.aggregators, options.up_to
    _require_consistent(roles, aggregators, models)
    names = tuple(models)
    most = min(up_to or DEFAULT_LARGEST_TEAM, len(names))
    several = tuple(range(2, most + 1))
    last = tuple(dict.fromkeys(aggregators)) or names[:AGGREGATORS]
    read = ((), *((name,) for name in names)) if CRITIC.name in roles else ((),)
    how = tuple(word for role, word in CONSOLIDATING.items() if role in roles)
    designs = [
        Design(graph=SelfConsistency.graph_name(), samples=SAMPLES, rules=(MAJORITY,), sizes=(1,))
    ]
    sizes = several if how == ("select",) else tuple(range(1, most + 1))
    if how and sizes:
        designs.append(
            Design(
                graph=PanelOfAgents.graph_name(),
                sizes=sizes,
                critics=read,
                aggregators=last,
                aggregation=how,
            )
        )
    if several and (RULE.name in roles or not how):
        rules = (MAJORITY, Rule(name="union"))
        designs.append(Design(graph=Vote.graph_name(), sizes=several, rules=rules))
    if several and GUARDIAN.name in roles:
        designs.append(Design(graph=Relay.graph_name(), sizes=several[: LONGEST_CHAIN - 1]))
    if several and DEBATER.name in roles:
        designs.append(
            Design(graph=Debate.graph_name(), sizes=several, rounds=(2,), rules=(MAJORITY,))
        )
    return AblationPlan(
        name="standard",
        panel=panel,
        designs=tuple(designs),
        max_ensembles=options.max_ensembles,
        seed=options.seed,
        contrasts=tuple(options.contrasts),
    )


def _require_consistent(
    roles: Sequence[str], aggregators: Sequence[str], models: dict[str, ModelSpec]
) -> None:
    known = [role.name for role in ROLES]
    for role in roles:
        if role not in known:
            raise UsageError(f"--roles {role}: no such role; there are {', '.join(known)}")
    if GENERATOR.name not in roles:
        raise UsageError("--roles: generator is missing; there would be no drafts")
    heard = [role for role in CONSOLIDATING if role in roles]
    if not heard and (CRITIC.name in roles or aggregators):
        raise UsageError("--roles: critic and --aggregator need aggregator or selector")
    for name in aggregators:
        if name not in models:
            raise UsageError(f"--aggregator {name}: not in the panel; it has {', '.join(models)}")
