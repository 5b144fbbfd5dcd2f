"""Agreement of qualifiers (dose, route, time, urgency) between a clause and an option."""

from collections import defaultdict
from collections.abc import Sequence

TIME = "time:days"
NUMBER_TOLERANCE = 1.05  # the ratio up to which two numbers count as equal


def agreement(
    needed: Sequence[str], offered: Sequence[str], apart: float = 5
) -> tuple[float, bool]:
    """The agreement of a clause's qualifiers with an option's, and whether any kind differs.

    The agreement is from -1 to 1: the share of kinds that agree minus the share that differ; kinds
    without a qualifier in the clause count as neither. It is -2 if any two times differ by more
    than the ratio `apart`.
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
    """Whether any two times differ by more than a ratio, as two weeks and three months."""
    pairs = [sorted((float(a), float(b))) for a in wanted for b in given]
    return bool(pairs) and all(high > apart * low for low, high in pairs)


def _within(wanted: list[str], given: list[str]) -> bool:
    """Whether any number given lies in the range of the numbers wanted, within tolerance."""
    try:
        numbers = [float(value) for value in wanted]
        return any(
            min(numbers) / NUMBER_TOLERANCE <= float(value) <= max(numbers) * NUMBER_TOLERANCE
            for value in given
        )
    except ValueError:
        return False


def rerouted(needed: Sequence[str], offered: Sequence[str]) -> bool:
    """Whether both name routes and none is the same, as a cream and a tablet."""
    wanted, given = (
        {key for key in keys if key.startswith("route:")} for keys in (needed, offered)
    )
    return bool(wanted and given and not wanted & given)
