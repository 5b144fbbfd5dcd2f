"""What a judge's reply is held against: the answer's words, the options, its own other parts."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

from primum.agents.judges.schemas import Action, Finding, Matching, Review

MARKS = re.compile("[*_#>`\u00ad\u200b-\u200f\u2060\ufeff]")
GAP = re.compile(r"[\[(]?\.{3,}[\])]?")
SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"')
)
EDGES = " \"'.,;:"
LEAST = 2  # letters or digits of a passage that says anything


def quoted(evidence: str, answer: str) -> bool:
    """Whether evidence is a passage of an answer, or several joined by an ellipsis, in order.

    Case, spacing, Markdown's marks and the shape of quotation marks and dashes make no difference.
    A passage is of whole words, and has two letters or digits at least.
    """
    within, at = _plain(answer), 0
    parts = [part for raw in GAP.split(_plain(evidence)) if (part := raw.strip(EDGES))]
    for part in parts:
        if sum(map(str.isalnum, part)) < LEAST:
            return False
        # Only Latin words: other scripts do not part theirs by spaces.
        found = re.compile(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])").search(within, at)
        if not found:
            return False
        at = found.end()
    return bool(parts)


def _plain(text: str) -> str:
    signs = unicodedata.normalize("NFKC", text).translate(SIGNS)
    return " ".join(MARKS.sub("", signs).casefold().split())


def examine(
    sheet: Matching, options: Sequence[int], answer: str
) -> tuple[dict[int, Finding], dict[int, str]]:
    """The verdicts of a sheet that can be used, and what is wrong with the others, by option."""
    findings: dict[int, Finding] = {}
    troubles: dict[int, str] = {}
    claimed = {option for action in sheet.actions for option in action.matches}
    for option in options:
        given = [finding for finding in sheet.options if finding.option == option]
        verdicts = {finding.verdict for finding in given}
        if not given:
            troubles[option] = "left out"
        elif len(verdicts) > 1:
            troubles[option] = "given twice, with different verdicts"
        elif verdicts == {"none"}:
            findings[option] = given[0]
            if option in claimed:
                troubles[option] = "none, yet an action matches it"
        elif not sheet.actions:
            troubles[option] = "matched, yet no action is listed"
        else:
            shown = [finding for finding in given if quoted(finding.evidence, answer)]
            findings[option] = (shown or given)[0]
            if not shown:
                troubles[option] = "the evidence is not in the answer word for word"
    return {o: f for o, f in findings.items() if o not in troubles}, troubles


def merge(first: Matching, second: Matching, asked: Collection[int]) -> Matching:
    """A sheet completed by a second one, which counts for the options asked again and no others.

    An option that the second says is "none" is in no earlier action's matches any more.
    """
    again = [finding for finding in second.options if finding.option in asked]
    dropped = {finding.option for finding in again if finding.verdict == "none"}
    claims = {
        action.number: [option for option in action.matches if option in asked]
        for action in second.actions
    }
    earlier = [
        _claiming(action, {*action.matches} - dropped | {*claims.get(action.number, ())})
        for action in first.actions
    ]
    numbers = {action.number for action in first.actions}
    added = [_claiming(a, claims[a.number]) for a in second.actions if a.number not in numbers]
    kept = [finding for finding in first.options if finding.option not in asked]
    return Matching(actions=(*earlier, *added), options=(*kept, *again))


def _claiming(action: Action, options: Collection[int]) -> Action:
    return action.model_copy(update={"matches": tuple(sorted(options))})


def accept(
    review: Review, findings: Mapping[int, Finding], answer: str
) -> tuple[dict[int, Finding], tuple[str, ...]]:
    """The overrides that stand, by option, and why each of the others was dropped.

    One stands that changes the verdict of an option there is, quotes the answer, and is not
    contradicted by another.
    """
    stand: dict[int, Finding] = {}
    dropped: list[str] = []
    for override in review.overrides:
        option, verdict = override.option, override.verdict
        rivals = {other.verdict for other in review.overrides if other.option == option}
        if option not in findings:
            dropped.append(f"option {option} does not exist")
        elif len(rivals) > 1:
            dropped.append(f"option {option} is given different verdicts")
        elif verdict == findings[option].verdict:
            dropped.append(f"option {option} is {verdict} already")
        elif not quoted(override.evidence, answer):
            dropped.append(f"option {option}: the evidence is not in the answer")
        else:
            stand.setdefault(
                option, Finding(option=option, verdict=verdict, evidence=override.evidence)
            )
    return stand, tuple(dropped)
