"""Doses, routes, times and urgency: how those of a clause meet those of an option."""

from collections import defaultdict
from collections.abc import Sequence

TIME = "time:days"
CLOSE = 1.05  # the ratio of two numbers that are the same


def agreement(
    needed: Sequence[str], offered: Sequence[str], apart: float = 5
) -> tuple[float, bool]:
    """How a clause's qualifiers meet an option's, and whether it breaks any.

    From -1 to 1: the share of the kinds that it meets less those it breaks; what it leaves open
    counts as neither. -2 if its times make another plan of it: any two of them differ by more than
    the ratio `apart`.
    """
    wanted, given = _by_kind(needed), _by_kind(offered)
    if not wanted:
        return 0.0, False
    if _apart(wanted.get(TIME, []), given.get(TIME, []), apart):
        return -2.0, True
    each = [_one(values, given.get(kind, [])) for kind, values in wanted.items()]
    return sum(each) / len(each), min(each) < 0


def _by_kind(keys: Sequence[str]) -> dict[str, list[str]]:
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        kind, _, value = key.partition("=" if "=" in key else ":")
        kinds[kind].append(value)
    return kinds


def _one(wanted: list[str], given: list[str]) -> int:
    if not given:
        return 0
    return 1 if set(wanted) & set(given) or _within(wanted, given) else -1


def _apart(wanted: list[str], given: list[str], apart: float) -> bool:
    """Whether times are so far apart that they are two plans: two weeks and three months."""
    pairs = [sorted((float(a), float(b))) for a in wanted for b in given]
    return bool(pairs) and all(high > apart * low for low, high in pairs)


def _within(wanted: list[str], given: list[str]) -> bool:
    """Whether a number given lies in the range that was asked for, or as good as."""
    try:
        numbers = [float(value) for value in wanted]
        return any(min(numbers) / CLOSE <= float(value) <= max(numbers) * CLOSE for value in given)
    except ValueError:
        return False


def rerouted(needed: Sequence[str], offered: Sequence[str]) -> bool:
    """Whether every route named is another than the one asked for: a cream is no tablet."""
    wanted, given = (
        {key for key in keys if key.startswith("route:")} for keys in (needed, offered)
    )
    return bool(wanted and given and not wanted & given)
