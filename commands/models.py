"""`primum models`, `doctor` and `ledger`: parse, wire, print."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from primum.commands.options import Json, MatcherName, PanelName, Workspace
from primum.core.console import DEFAULT_WORKSPACE, console, counted, print_json

ledger = typer.Typer(
    help="What is on record: count it, check it, prune it, take it away.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

if TYPE_CHECKING:
    from rich.console import Console

    from primum.agents.judges.panel import JudgePanel
    from primum.agents.specs.ensemble import Panel


def models(panel: Annotated[str | None, typer.Option(help="Only this panel.")] = None) -> None:
    """The models of the ready panels and judges: id, family, access, key, and what they cost."""
    from primum.agents.judges.panel import load_judges, ready_judges
    from primum.agents.studies.panels import load_panel, ready_panels

    for name in [panel] if panel else ready_panels():
        show_panel(load_panel(name), console())
    for name in () if panel else ready_judges():
        show_panel(load_judges(name), console())


def doctor(
    panel: PanelName = "simulated",
    matcher: MatcherName = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Check keys, endpoints, versions and the workspace; exit code 3 if something is missing."""
    from primum.agents.judges.panel import load_judges
    from primum.agents.studies.doctor import examine
    from primum.agents.studies.panels import load_panel
    from primum.core.terminal import show_rows

    models = dict(load_panel(panel).models)
    if matcher and matcher != "lexical":
        models.update({f"{matcher}/{n}": m for n, m in load_judges(matcher).models.items()})
    checks = examine(models, workspace)
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
    """A panel's models and what calling them takes."""
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
    """Calls on record by model and outcome: tokens, cost, attempts."""
    from primum.agents.ledger.maintenance import open_record, tally_entries
    from primum.core.terminal import show_rows

    rows = tally_entries(open_record(workspace))
    if as_json:
        print_json([row._asdict() for row in rows])
    elif rows:
        show_rows(list(rows[0]._fields), rows, console())
    else:
        console().print("no call is on record")


@ledger.command()
def verify(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Check every record's checksum; exit code 3 if any is damaged."""
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
        list[str] | None, typer.Option(help="Only of this outcome, or: damaged (repeatable).")
    ] = None,
    before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only what was asked before (YYYY-MM-DD).")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it they are counted.")] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Take calls off the record. What is pruned is asked, and paid for, again when it is needed."""
    from primum.agents.ledger.maintenance import open_record, to_prune

    record = open_record(workspace)
    keys = to_prune(record, outcome or (), before)
    if yes:
        record.forget(keys)
    console().print(
        f"{counted(len(keys), 'call')} {'off the record' if yes else 'would go; --yes does it'}"
    )


@ledger.command("export")
def export_calls(
    output: Annotated[Path, typer.Option("--output", "-o", help="A new JSON Lines file.")],
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Every whole record, {key, asked_at, request, reply} a line: prompts and replies are in it."""
    from primum.agents.ledger.maintenance import export, open_record

    console().print(counted(export(open_record(workspace), output), "call"))
