"""`primum models`, `primum doctor` and `primum ledger`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from primum.commands.shared.options import Json, JudgesName, PanelName, Workspace
from primum.core.console import DEFAULT_WORKSPACE, console, counted, print_json

ledger = typer.Typer(
    help="Count, verify, prune or export the recorded model calls.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

if TYPE_CHECKING:
    from rich.console import Console

    from primum.agents.judges.panel import JudgePanel
    from primum.agents.studies.panel import Panel


def models(
    panel: Annotated[
        str | None,
        typer.Option(
            metavar="PANEL",
            help="List only this panel: a built-in panel's name, or a .yaml file.",
        ),
    ] = None,
) -> None:
    """List the models of the built-in panels and judges.

    For each: its id, family, access, the environment variable of its key; for each panel its cost.
    """
    from primum.agents.judges.panel import builtin_judges, load_judges
    from primum.agents.studies.panels import builtin_panels, load_panel

    for name in [panel] if panel else builtin_panels():
        show_panel(load_panel(name), console())
    for name in () if panel else builtin_judges():
        show_panel(load_judges(name), console())


def doctor(
    panel: PanelName = "simulated",
    matcher: JudgesName = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Check keys, endpoints, versions and the workspace.

    The exit code is 3 if something is missing.
    """
    from primum.agents.judges.panel import load_judges
    from primum.agents.studies.doctor import run_checks
    from primum.agents.studies.panels import load_panel
    from primum.core.terminal import show_rows
    from primum.evaluation.matching.registry import MATCHERS

    models = dict(load_panel(panel).models)
    if matcher and matcher not in MATCHERS:
        models.update({f"{matcher}/{n}": m for n, m in load_judges(matcher).models.items()})
    checks = run_checks(models, workspace)
    if as_json:
        print_json([check._asdict() for check in checks])
    else:
        show_rows(
            ["", *checks[0]._fields[1:]],
            [("ok" if c.ok else "MISSING", *c[1:]) for c in checks],
            console(),
        )
    raise typer.Exit(0 if all(check.ok for check in checks) else 3)


def show_panel(panel: "Panel | JudgePanel", screen: "Console") -> None:
    """Print a panel's ensembles or judges, and its models."""
    from primum.agents.judges.panel import JudgePanel
    from primum.core.terminal import show_lines, show_rows

    lines = [f"{panel.name}: {panel.note}".strip(), f"cost: {panel.cost or 'unknown'}"]
    if isinstance(panel, JudgePanel):
        lines += [f"judge {judge.label} (--matcher {panel.name})" for judge in panel.judges]
    else:
        lines += [f"{e.name}: {e.graph} of {', '.join(e.members)}" for e in panel.ensembles]
    show_lines(lines, screen)
    rows = [
        (name, model.id, model.family, model.access, model.key_env or "none needed")
        for name, model in panel.models.items()
    ]
    show_rows(["model", "id", "family", "access", "key in"], rows, screen)
    screen.print()


@ledger.command()
def stats(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Count the recorded calls by model and outcome.

    With their tokens, cost and attempts.
    """
    from primum.agents.ledger.maintenance import open_record, tally_entries
    from primum.core.terminal import show_rows

    rows = tally_entries(open_record(workspace))
    if as_json:
        print_json([row._asdict() for row in rows])
    elif rows:
        show_rows(list(rows[0]._fields), rows, console())
    else:
        console().print("the ledger has no calls")


@ledger.command()
def verify(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Check the checksum of every recorded call.

    The exit code is 3 if one is damaged.
    """
    from primum.agents.ledger.maintenance import damaged, open_record

    found = damaged(open_record(workspace))
    if as_json:
        print_json({"calls": found.calls, "damaged": found.keys})
    else:
        for key in found.keys:
            console().print(f"damaged: {key}", highlight=False)
        console().print(
            f"{counted(found.calls, 'call')}, {len(found.keys)} damaged", highlight=False
        )
    raise typer.Exit(3 if found.keys else 0)


@ledger.command()
def prune(
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME", help="Only calls of this outcome, or 'damaged' ones (repeatable)."
        ),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only calls made before this day (YYYY-MM-DD)."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Delete the calls; without it they are only counted.")
    ] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Delete recorded calls.

    A deleted call is made, and paid for, again when a run needs it.
    """
    from primum.agents.ledger.maintenance import open_record, to_prune

    record = open_record(workspace)
    keys = to_prune(record, outcome or (), before)
    if yes:
        record.forget(keys)
    console().print(
        f"{counted(len(keys), 'call')} {'deleted' if yes else 'to delete; --yes deletes'}"
    )


@ledger.command("export")
def export_calls(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="New JSON Lines file.")
    ],
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Write every recorded call to a JSON Lines file.

    Each line is an object {key, asked_at, request, reply}, with whole prompts and replies.
    """
    from primum.agents.ledger.maintenance import export, open_record

    console().print(counted(export(open_record(workspace), output), "call"))
