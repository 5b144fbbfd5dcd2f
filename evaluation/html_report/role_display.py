"""What the page needs to know about the roles of turns."""

from primum.agents.roles.registry import ROLES


def role_flags() -> dict[str, dict[str, bool]]:
    """By role, how its turns are shown.

    `judges`: it judges answers; `objects`: its text says what to change in a draft; `reviews`: it
    reads one draft, so that its turns are indented; `concludes`: it makes one answer of drafts.
    """
    return {
        role.name: {
            "judges": role.judges,
            "objects": role.objects,
            "reviews": role.reads_one and not role.judges,
            "concludes": role.concludes,
        }
        for role in ROLES
    }


def concluding_roles() -> list[str]:
    """The roles that make one answer of drafts, as turns name them."""
    return sorted({role.recorded for role in ROLES if role.concludes})
