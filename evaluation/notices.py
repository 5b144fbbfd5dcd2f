"""Text that came from elsewhere, made safe to show."""

import unicodedata
from typing import TYPE_CHECKING

from primum.evaluation.matching.registry import matcher_labelled

if TYPE_CHECKING:
    from primum.agents.studies.study import Study

SIMULATED = (
    "SIMULATED: simulated clinicians answered. They test the machinery and the statistics; "
    "no figure here says anything about medicine or about a real model."
)
FORMULA = frozenset("=+-@\u2212")
QUOTES = frozenset("\"'`\u00b4\u2018\u2019\u201c\u201d\u00ab\u00bb")


def neutralised(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: such text gets a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and _could_be_formula(value) else value


def _could_be_formula(text: str) -> bool:
    """Whether it begins with a sign of one, full-width and small forms (NFKC) among them.

    What some spreadsheets drop before they look does not count as a beginning: spaces, quotes,
    control and format characters. A tab or a line break in front is one in itself.
    """
    if text[:1].isalnum():
        return False
    if text[:1] in {"\t", "\r", "\n"}:
        return True
    for sign in text:
        if not (sign.isspace() or sign in QUOTES or unicodedata.category(sign) in {"Cc", "Cf"}):
            return unicodedata.normalize("NFKC", sign)[0] in FORMULA
    return False


def banners(*, simulated: bool, matcher: str, notice: str) -> list[str]:
    """What must be said wherever figures are shown."""
    lines = []
    if simulated:
        lines.append(SIMULATED)
    if record := matcher_labelled(matcher):
        said = f"{matcher} matched the plans to the options {record.notice}"
        lines.append(f"{record.name.upper()}: {said}")
    if matcher.startswith("judge:"):
        lines.append(f"JUDGED by {matcher}: judges err too; primum judge check measures it.")
    if notice:
        lines.append(notice)
    return lines


def study_banners(study: "Study") -> list[str]:
    """What must be said wherever figures of a study are shown."""
    warning = study.suite.warning
    return banners(simulated=study.simulated, matcher=study.matcher, notice=warning)


def matcher_tags(study: "Study") -> list[str]:
    """What the title of a table adds where a matcher that is no judge gave the verdicts."""
    record = matcher_labelled(study.matcher)
    return [f" {record.name.upper()}"] if record else []
