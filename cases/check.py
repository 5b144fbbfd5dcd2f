"""Rules for cases and suites beyond the types of their fields."""

from collections import Counter
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from primum.cases.model import Case, Variant
from primum.core.documents import Location, dotted, line_of
from primum.core.errors import DataError

Problem = tuple[Location, str]


def problems(case: Case) -> Iterator[Problem]:
    """Yield each rule that a case breaks: the location of the field, and a message."""
    ids = [option.id for option in case.options]
    counts = Counter(ids)
    for index, option in enumerate(case.options):
        at: Location = ("options", index)
        if counts[option.id] > 1 and option.id in ids[:index]:
            yield (*at, "id"), f"option id {option.id} occurs twice in {case.id}; make ids unique"
        for parent in option.depends_on or ():
            if parent not in counts:
                yield (
                    (*at, "dependsOn"),
                    f"option {option.id} of {case.id} depends on {parent}, which is no option",
                )
    parents = {option.id: tuple(option.depends_on or ()) for option in case.options}
    try:
        tuple(TopologicalSorter(parents).static_order())
    except CycleError as error:
        cycle = " -> ".join(str(node) for node in error.args[1])
        yield ("options",), f"dependsOn has a cycle in {case.id}: {cycle}; break it"

    consults = case.specialist_consult.consults if case.specialist_consult else ()
    for index, consult in enumerate(consults):
        if consult.option_id is not None and consult.option_id not in counts:
            yield (
                ("specialistConsult", "consults", index, "optionId"),
                f"a consult of {case.id} names {consult.option_id}, which is no option",
            )


def doubts(case: Case) -> Iterator[str]:
    """Yield a line for whatever is valid but may not be scored as its author meant.

    The public cases have some of these.
    """
    declared = [group.name for group in case.abstraction_groups or ()]
    for option in case.options:
        where = f"{case.id}: option {option.id} is an alternative"
        if option.abstraction_type == "alternative" and not option.abstraction:
            yield f"{where} without a group: scored by itself; name the group in abstraction"
        elif option.alternative and declared and option.alternative not in declared:
            there = ", ".join(declared)
            yield f"{where} of {option.alternative}, which is not in abstractionGroups ({there})"
    alternatives = {option.alternative for option in case.options}
    for index, group in enumerate(case.abstraction_groups or ()):
        if group.name in declared[:index]:
            yield f"{case.id}: group {group.name}: declared twice"
        if group.name not in alternatives:
            yield f"{case.id}: group {group.name}: no option is an alternative of it"
        if group.pick_count not in (None, 1) or group.pick_type in ("max", "all"):
            picks = " ".join(
                str(part) for part in (group.pick_type, group.pick_count) if part is not None
            )
            yield f"{case.id}: group {group.name}: scored as if one were enough, not as {picks}"


def require_valid(case: Case, text: str, path: Path, line: int, prefix: Location = ()) -> None:
    """Check a case.

    Raises:
        DataError: the first rule that the case breaks, with file, line and field.
    """
    for location, message in problems(case):
        where = (*prefix, *location)
        at = line + line_of(text, where) - 1
        raise DataError(f"{path}:{at}: {dotted(where)}: {message}")


def require_complete_key(
    cases: Sequence[tuple[Case, str]], variants: Sequence[tuple[Variant, str]], path: Path
) -> None:
    """Check that the parts of a suite fit together; each comes with its place (file:line).

    Raises:
        DataError: there is no case, an id is used twice, or a variant has no base case.
    """
    if not cases:
        raise DataError(f"{path}: the suite has no case; expected at least one")
    seen: set[str] = set()
    ids = [(case.id, place) for case, place in cases]
    ids += [(variant.id, place) for variant, place in variants]
    for name, place in ids:
        if name in seen:
            raise DataError(f"{place}: id: {name} is used twice in the suite; make ids unique")
        seen.add(name)
    bases = {case.id for case, _ in cases}
    for variant, place in variants:
        if variant.metadata.base_id not in bases:
            raise DataError(
                f"{place}: metadata.base_id: {variant.id} is a variant of "
                f"{variant.metadata.base_id}, which is not in the suite"
            )
