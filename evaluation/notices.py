"""Notices that accompany figures, and text that is safe to open in a spreadsheet."""

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from primum.core.console import first_of
from primum.evaluation.matching.registry import matcher_labelled

if TYPE_CHECKING:
    from primum.agents.studies.study import Study
    from primum.cases.part import Part

SIMULATED = (
    "SIMULATED: simulated clinicians answered. They test the software and the statistics; "
    "no figure here says anything about medicine or about a real model."
)
NOT_WHOLE = "some agent gave no usable reply; their figures are not those of the whole team"
DEGRADED_MARK = " (degraded)"
FORMULA = frozenset("=+-@\u2212")
QUOTES = frozenset("\"'`\u00b4\u2018\u2019\u201c\u201d\u00ab\u00bb")


def neutralised(value: object) -> object:
    """A cell value for spreadsheets: text that could be taken for a formula gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and _could_be_formula(value) else value


def _could_be_formula(text: str) -> bool:
    """Whether a text begins with a sign that starts a formula, in any form that NFKC normalises.

    Leading spaces, quotes, control and format characters are skipped, as some spreadsheets drop
    them; a leading tab or line break counts as a sign itself.
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
    """The notices to show with figures: simulation, the matcher, and the suite's own notice."""
    lines = []
    if simulated:
        lines.append(SIMULATED)
    if record := matcher_labelled(matcher):
        sentence = f"{matcher} matched the plans to the options {record.notice}"
        lines.append(f"{record.name.upper()}: {sentence}")
    if matcher.startswith("judge:"):
        lines.append(
            f"JUDGED by {matcher}: judges make errors; `primum judge check` measures them."
        )
    if notice:
        lines.append(notice)
    return lines


def study_banners(study: "Study") -> list[str]:
    """The notices to show with figures of a study."""
    warning = study.suite.warning
    lines = banners(simulated=study.simulated, matcher=study.matcher, notice=warning)
    return [*lines, *([part_notice(study.part)] if study.part else [])]


def part_notice(part: "Part") -> str:
    """The notice to show with figures from a part of a suite."""
    without = f" There is no case of {', '.join(part.missing)}." if part.missing else ""
    rest = "Figures and intervals come from these cases alone."
    return f"PARTIAL: {part.size}; {part.selection}.{without} {rest}"


def degraded_notice(degraded: Mapping[str, tuple[int, int]]) -> list[str]:
    """The notice to show with figures of teams that answered without an agent; none if none did.

    Args:
        degraded: by team, the numbers of its degraded and of its usable answers.
    """
    some = [f"{name} ({lacking} of {of})" for name, (lacking, of) in degraded.items() if lacking]
    return [f"DEGRADED: answers of {first_of(some)}: {NOT_WHOLE}"] if some else []


def matcher_tags(study: "Study") -> list[str]:
    """Tags for titles of tables whose verdicts are from a matcher that is no judge."""
    record = matcher_labelled(study.matcher)
    return [f" {record.name.upper()}"] if record else []
