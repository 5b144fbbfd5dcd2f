"""Text that came from elsewhere, made safe to show."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def defused(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: such text gets a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def banners(*, simulated: bool, notice: str) -> list[str]:
    """What must be said wherever figures are shown."""
    lines = []
    if simulated:
        lines.append(
            "SIMULATED: simulated clinicians answered. They test the machinery and the statistics; "
            "no figure here says anything about medicine or about a real model."
        )
    if notice:
        lines.append(notice)
    return lines
