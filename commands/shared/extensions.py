"""Extensions of the command line: found before a command runs, wherever the option stands."""

from collections.abc import Sequence

OPTION = "--extension"
GROUP = "primum"  # of the entry points by which installed extensions are found


def load_named_extensions(modules: Sequence[str]) -> None:
    """Load the extensions that are installed, and those that are named.

    Raises:
        DataError: an extension cannot be loaded.
    """
    from importlib.metadata import entry_points  # imports the parser of e-mails

    installed = entry_points(group=GROUP)
    if modules or installed:
        from primum.extend.loading import load_extensions

        load_extensions(installed, modules)


def load_modules(modules: Sequence[str]) -> None:
    """Load the extensions of some modules, in a process that runs no command.

    Raises:
        DataError: an extension cannot be loaded.
    """
    from primum.extend.loading import load_extensions

    load_extensions((), modules)


def options_first(arguments: Sequence[str]) -> list[str]:
    """Arguments with every `--extension MODULE` before the command, where Typer looks for it."""
    first: list[str] = []
    rest: list[str] = []
    left = list(arguments)
    while left and left[0] != "--":
        argument = left.pop(0)
        if argument == OPTION and left:
            first += [argument, left.pop(0)]
        elif argument.startswith(f"{OPTION}="):
            first.append(argument)
        else:
            rest.append(argument)
    return [*first, *rest, *left]
