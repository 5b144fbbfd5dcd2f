"""The options that choose a part of a suite, for every command that reads one to ask about it."""

from typing import TYPE_CHECKING, Annotated

import typer

from primum.core.console import counted, say

if TYPE_CHECKING:
    from primum.cases.model import Suite
    from primum.cases.part import Choice, Part


def _no_empty_id(ids: list[str] | None) -> list[str] | None:
    if "" in (ids or ()):
        raise typer.BadParameter("the id is empty")
    return ids


Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        metavar="N",
        help="Use only N base cases, drawn by specialty with --seed; the cases of a smaller N are "
        "among those of a larger one. Default: all.",
    ),
]
CaseIds = Annotated[
    list[str] | None,
    typer.Option(
        "--case",
        metavar="ID",
        callback=_no_empty_id,
        help="Use only this base case with its variants, or this variant with its base case "
        "(repeatable).",
    ),
]
VariantsEach = Annotated[
    str,
    typer.Option(
        "--variants",
        metavar="none|N|all",
        help="Variants of each base case to use: none, all, or at most N, drawn with --seed.",
    ),
]
DrawSeed = Annotated[
    int,
    typer.Option(
        "--seed",
        min=0,
        max=2**31 - 1,
        metavar="N",
        help="Seed of the draws of --limit and --variants.",
    ),
]


def choice_of(limit: int | None, case: list[str] | None, variants: str, seed: int) -> "Choice":
    """The choice that the options describe.

    Raises:
        UsageError: `variants` is neither none, all, nor a whole number.
    """
    from primum.cases.part import Choice
    from primum.core.errors import UsageError

    try:
        each = {"none": 0, "all": None}[variants] if variants.isalpha() else int(variants)
    except (KeyError, ValueError):
        raise UsageError(
            f"--variants {variants[:20]}: give none, all or a number of variants"
        ) from None
    return Choice(limit=limit, named=tuple(case or ()), variants=each, seed=seed)


def choose_part(suite: "Suite", choice: "Choice") -> "Part | None":
    """The part of a suite that is chosen, None for all of it; says so where a limit has no effect.

    Raises:
        UsageError: the choice contradicts itself or names an unknown case.
    """
    from primum.cases.part import choose

    part = choose(suite, choice)
    if choice.limit is not None and choice.limit > len(suite.cases):
        whole = counted(len(suite.cases), "case")
        say(f"--limit {choice.limit}: {suite.info.name} has {whole}, and all are used")
    return part
