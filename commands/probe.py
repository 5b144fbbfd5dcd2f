"""`primum probe`: what the models of a panel send, and how it is read."""

from typing import TYPE_CHECKING, Annotated

import typer

from primum.commands.shared import options as o
from primum.core.console import console, counted, print_json, say

if TYPE_CHECKING:
    from primum.graphs.execution.dry_run import DryRunClient


def probe(
    panel: o.PanelName = "simulated",
    matcher: Annotated[
        str | None,
        typer.Option(
            "--matcher",
            metavar="MATCHER",
            callback=o.not_empty,
            help="Also ask this panel of judges: a built-in name or a .yaml file.",
        ),
    ] = None,
    protocol: o.ProtocolName = None,
    form: o.Form = None,
    concurrency: o.Concurrency = 16,
    budget: o.Dollars = None,
    show: Annotated[
        bool,
        typer.Option("--show", help="Also print the text of each reply; the case is synthetic."),
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Ask every model of a panel one case in each of its roles.

    Shows what came back, how it was read, and what to change. The calls are really made each time,
    and nothing of them is kept. The exit code is 4 if a model gives nothing usable.
    """
    from primum.agents.judges.panel import load_judges
    from primum.agents.protocols.protocol import choose_protocol
    from primum.agents.studies.panels import load_panel
    from primum.cases.load import load_suite
    from primum.graphs.execution.probing.report import row_of, show_probed, useless
    from primum.graphs.execution.probing.run import ProbeOptions, Prober

    prober = Prober(
        ProbeOptions(
            panel=load_panel(panel),
            judges=load_judges(matcher) if matcher else None,
            protocol=choose_protocol(protocol, form),
            suite=load_suite("demo"),
            concurrency=concurrency,
            budget=budget,
        )
    )
    say(estimate_text(prober.estimate()))
    found = prober.run(lambda probed: say(f"{probed.title}: {probed.state}"))
    if as_json:
        print_json([row_of(probed, text=show) for probed in found])
    else:
        show_probed(found, console(), text=show)
    raise typer.Exit(4 if useless(found) else 0)


def estimate_text(counted_calls: "DryRunClient") -> str:
    """What the probes will ask and cost, on one line."""
    calls, unpriced = sum(counted_calls.calls.values()), counted_calls.unpriced
    low, high = (sum(cost.values()) for cost in (counted_calls.low, counted_calls.high))
    cost = (
        f"unknown for {', '.join(sorted(unpriced))}" if unpriced else f"${low:.4f} to ${high:.4f}"
    )
    again = "a reply that cannot be read is asked for once more"
    return f"{counted(calls, 'call')} ({again}); cost: {cost}; nothing is kept"
