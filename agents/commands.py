"""`primum models` and `primum doctor`: parse, wire, print."""

from typing import TYPE_CHECKING, Annotated

import typer

from primum.cases.output import (
    DEFAULT_WORKSPACE,
    Json,
    PanelName,
    Workspace,
    console,
    print_json,
)

if TYPE_CHECKING:
    from rich.console import Console

    from primum.agents.spec import Panel


def models(panel: Annotated[str | None, typer.Option(help="Only this panel.")] = None) -> None:
    """The models of the ready panels: id, family, access, key, and what a panel costs."""
    from primum.agents.panels import load_panel, ready_panels

    for name in [panel] if panel else ready_panels():
        show_panel(load_panel(name), console())


def doctor(
    panel: PanelName = "simulated",
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Check keys, endpoints, versions and the workspace; exit code 3 if something is missing."""
    from primum.agents.doctor import examine
    from primum.agents.panels import load_panel
    from primum.cases.show import show_rows

    checks = examine(load_panel(panel), workspace)
    if as_json:
        print_json([check._asdict() for check in checks])
    else:
        show_rows(
            ["", *checks[0]._fields[1:]],
            [("ok" if c.ok else "MISSING", *c[1:]) for c in checks],
            console(),
        )
    raise typer.Exit(0 if all(check.ok for check in checks) else 3)


def show_panel(panel: "Panel", screen: "Console") -> None:
    """A panel's models and what calling them takes."""
    from primum.cases.show import clean, show_rows

    lines = [f"{panel.name}: {panel.note}".strip(), f"cost: {panel.cost or 'unknown'}"]
    lines += [f"{e.name}: {e.graph} of {', '.join(e.members)}" for e in panel.ensembles]
    screen.print(clean("\n".join(lines)), markup=False, highlight=False)
    rows = [
        (name, model.id, model.family, model.access, model.key_env or "none needed")
        for name, model in panel.models.items()
    ]
    show_rows(["model", "id", "family", "access", "key in"], rows, screen)
    screen.print()
