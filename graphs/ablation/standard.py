"""The plan that `primum ablate` makes of a panel where no file gives one."""

from collections.abc import Sequence

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
"""The roles over which a panel's models can be spanned."""
DEFAULT_ROLES = ",".join(role.name for role in (GENERATOR, AGGREGATOR, GUARDIAN))
DEFAULT_LARGEST_TEAM = 5
LONGEST_CHAIN = 3
AGGREGATORS = 3
SAMPLES = (3, 5)
CONSOLIDATING: dict[str, Aggregation] = {AGGREGATOR.name: "synthesise", SELECTOR.name: "select"}
MAJORITY = Rule(name="majority")


def standard_plan(
    panel: str,
    models: dict[str, ModelSpec],
    *,
    roles: Sequence[str],
    up_to: int | None = None,
    aggregators: Sequence[str] = (),
    limit: int | None = None,
    seed: int = 0,
    contrasts: Sequence[Contrast] = (),
) -> AblationPlan:
    """Every team of a panel's models over some roles.

    Generators in every combination, with every aggregator (three if none is named), with no critic
    and with each; relays in every order; votes by majority and union where no agent aggregates; and
    always the single model given the same calls: three and five samples and a vote.

    Args:
        panel: its name or file.
        models: the panel's, by name.
        roles: of `ROLES`.
        up_to: generators at most (5 if not given), and agents of a relay (3).
        aggregators: who may aggregate or select.
        limit: how many ensembles are drawn, if not all.
        seed: of what is drawn.
        contrasts: differences announced beforehand.

    Raises:
        UsageError: a role that there is not, none that drafts, critics or aggregators of no use, or
            an aggregator that the panel has not.
    """
    _require_sense(roles, aggregators, models)
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
        limit=limit,
        seed=seed,
        contrasts=tuple(contrasts),
    )


def _require_sense(
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
