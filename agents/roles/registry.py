"""All roles by name."""

from primum.agents.roles.aggregator import AGGREGATOR
from primum.agents.roles.critic import CRITIC
from primum.agents.roles.custom import GRAPH, MEMBER
from primum.agents.roles.debater import DEBATER
from primum.agents.roles.generator import GENERATOR
from primum.agents.roles.guardian import GUARDIAN
from primum.agents.roles.judging import MATCHER, REVIEWER
from primum.agents.roles.record import Role
from primum.agents.roles.selector import SELECTOR
from primum.agents.roles.voting import RULE
from primum.core.registry import Registry

ROLES: Registry[Role] = Registry(
    "role",
    (
        *(GENERATOR, CRITIC, GUARDIAN, DEBATER, AGGREGATOR, SELECTOR, RULE),
        *(MATCHER, REVIEWER, MEMBER, GRAPH),
    ),
)
