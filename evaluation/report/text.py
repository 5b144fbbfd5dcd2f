"""Text that came from elsewhere, made safe to show."""

SIMULATED = (
    "SIMULATED: simulated clinicians answered. They test the machinery and the statistics; "
    "no figure here says anything about medicine or about a real model."
)
LEXICAL = (
    " by their words. It is no judge; its errors are in every figure (docs/judging.md says how "
    "large they are)."
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def defused(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: such text gets a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def banners(*, simulated: bool, matcher: str, notice: str) -> list[str]:
    """What must be said wherever figures are shown."""
    lines = []
    if simulated:
        lines.append(SIMULATED)
    if matcher.startswith("lexical/"):
        lines.append(f"LEXICAL: {matcher} matched the plans to the options{LEXICAL}")
    if matcher.startswith("judge:"):
        lines.append(f"JUDGED by {matcher}: judges err too; primum judge check measures it.")
    if notice:
        lines.append(notice)
    return lines
