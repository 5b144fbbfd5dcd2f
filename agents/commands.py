"""`primum models` and `primum doctor`: parse, wire, print."""

from typing import TYPE_CHECKING, Annotated

import typer

from primum.cases.output import (
    DEFAULT_WORKSPACE,
    Json,
    MatcherName,
    PanelName,
    Workspace,
    console,
    print_json,
)

if TYPE_CHECKING:
    from rich.console import Console

    from primum.agents.jury import JudgePanel
    from primum.agents.spec import Panel


def models(panel: Annotated[str | None, typer.Option(help="Only this panel.")] = None) -> None:
    """The models of the ready panels and judges: id, family, access, key, and what they cost."""
    from primum.agents.jury import load_judges, ready_judges
    from primum.agents.panels import load_panel, ready_panels

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
    from primum.agents.doctor import examine
    from primum.agents.jury import load_judges
    from primum.agents.panels import load_panel
    from primum.cases.show import show_rows

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
    from primum.agents.jury import JudgePanel
    from primum.cases.show import clean, show_rows

    lines = [f"{panel.name}: {panel.note}".strip(), f"cost: {panel.cost or 'unknown'}"]
    if isinstance(panel, JudgePanel):
        lines += [f"judge {judge.label} (--matcher {panel.name})" for judge in panel.judges]
    else:
        lines += [f"{e.name}: {e.graph} of {', '.join(e.members)}" for e in panel.ensembles]
    screen.print(clean("\n".join(lines)), markup=False, highlight=False)
    rows = [
        (name, model.id, model.family, model.access, model.key_env or "none needed")
        for name, model in panel.models.items()
    ]
    show_rows(["model", "id", "family", "access", "key in"], rows, screen)
    screen.print()
