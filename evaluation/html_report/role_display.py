"""What the page needs to know about the roles of turns."""

from typing import NamedTuple


class RoleDisplay(NamedTuple):
    """How turns of a role are shown.

    Attributes:
        judges: whether it judges answers, and has no part in giving them.
        objects: whether its text says what to change in a draft, and is no answer of its own.
        reviews: whether it reads one draft, so that its turns are indented.
        concludes: whether its turn decides what the ensemble answers.
    """

    judges: bool = False
    objects: bool = False
    reviews: bool = False
    concludes: bool = False


ROLES = {
    "generator": RoleDisplay(),
    "critic": RoleDisplay(objects=True, reviews=True),
    "guardian": RoleDisplay(reviews=True),
    "debater": RoleDisplay(),
    "aggregator": RoleDisplay(concludes=True),
    "rule": RoleDisplay(concludes=True),
    "matcher": RoleDisplay(judges=True),
    "reviewer": RoleDisplay(judges=True),
}
CONCLUDING = [name for name, role in ROLES.items() if role.concludes]
