"""Validation of judges' replies: against the answer's words, the options, and themselves."""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from primum.agents.judges.schemas import Action, Finding, Matching, Review

MARKS = re.compile("(?m)^[ \t]*>+|[*_#`\u00ad\u200b-\u200f\u2060\ufeff]")
COMPARISON = re.compile(r" ?([<>=]+) ?")
GAP = re.compile(r"[\[(]?\.{3,}[\])]?")
SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"')
    | dict.fromkeys("\u2265\u2267\u2a7e", ">=")
    | dict.fromkeys("\u2264\u2266\u2a7d", "<=")
    | dict.fromkeys("\u00ba\u02da", "\u00b0")  # of degrees
    | {"\u00d7": "x", "\u2260": "!=", "\u00b1": "+/-", "\u2192": "->", "\u2044": "/"}
)
EDGES = " \"'.,;:"
SHORTEST_PASSAGE = 2  # letters or digits


def is_quoted(evidence: str, answer: str) -> bool:
    """Whether evidence is a passage of an answer, or several in order, joined by an ellipsis.

    Letter case, spacing, Markdown and the form of signs are ignored: quotation marks, dashes,
    degrees, and ">=" for its one-sign form. A passage consists of whole words, and has at least two
    letters or digits.
    """
    within, at = _plain(answer), 0
    parts = [part for raw in GAP.split(_plain(evidence)) if (part := raw.strip(EDGES))]
    for part in parts:
        if sum(map(str.isalnum, part)) < SHORTEST_PASSAGE:
            return False
        # Only for Latin letters: other scripts do not separate words by spaces.
        found = re.compile(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])").search(within, at)
        if not found:
            return False
        at = found.end()
    return bool(parts)


def _plain(text: str) -> str:
    """A text for comparison. Signs come first: NFKC would make letters and spaces of some."""
    signs = unicodedata.normalize("NFKC", html.unescape(text).translate(SIGNS)).translate(SIGNS)
    words = " ".join(MARKS.sub("", signs).casefold().split())
    return COMPARISON.sub(r"\1", words)


def valid_findings(
    matching: Matching, options: Sequence[int], answer: str
) -> tuple[dict[int, Finding], dict[int, str]]:
    """The valid findings of a matching, and what is wrong with the others, both by option."""
    findings: dict[int, Finding] = {}
    problems: dict[int, str] = {}
    matched = {option for action in matching.actions for option in action.matches}
    for option in options:
        given = [finding for finding in matching.options if finding.option == option]
        verdicts = {finding.verdict for finding in given}
        if not given:
            problems[option] = "left out"
        elif len(verdicts) > 1:
            problems[option] = "given twice, with different verdicts"
        elif verdicts == {"none"}:
            findings[option] = given[0]
            if option in matched:
                problems[option] = "none, yet an action matches it"
        elif not matching.actions:
            problems[option] = "matched, yet no action is listed"
        else:
            supported = [finding for finding in given if is_quoted(finding.evidence, answer)]
            findings[option] = (supported or given)[0]
            if not supported:
                problems[option] = "the evidence is not in the answer word for word"
    return {o: f for o, f in findings.items() if o not in problems}, problems


def complete_matching(first: Matching, second: Matching, asked: Collection[int]) -> Matching:
    """A matching completed by a second one, which counts only for the options asked again.

    Options for which the second says "none" are removed from the matches of the first's actions.
    """
    again = [finding for finding in second.options if finding.option in asked]
    dropped = {finding.option for finding in again if finding.verdict == "none"}
    matches = {
        action.number: [option for option in action.matches if option in asked]
        for action in second.actions
    }
    earlier = [
        _matching(action, {*action.matches} - dropped | {*matches.get(action.number, ())})
        for action in first.actions
    ]
    numbers = {action.number for action in first.actions}
    added = [_matching(a, matches[a.number]) for a in second.actions if a.number not in numbers]
    kept = [finding for finding in first.options if finding.option not in asked]
    return Matching(actions=(*earlier, *added), options=(*kept, *again))


def _matching(action: Action, options: Collection[int]) -> Action:
    return action.model_copy(update={"matches": tuple(sorted(options))})


def accepted_overrides(
    review: Review, findings: Mapping[int, Finding], answer: str
) -> tuple[dict[int, Finding], tuple[str, ...]]:
    """The overrides that are accepted, by option, and why each of the others was dropped.

    An override is accepted if its option exists, its verdict is another one than the finding's, its
    evidence is quoted from the answer, and no other override contradicts it.
    """
    accepted: dict[int, Finding] = {}
    dropped: list[str] = []
    verdicts: defaultdict[int, set[str]] = defaultdict(set)
    for override in review.overrides:
        verdicts[override.option].add(override.verdict)
    for override in review.overrides:
        option, verdict = override.option, override.verdict
        if option not in findings:
            dropped.append(f"option {option} does not exist")
        elif len(verdicts[option]) > 1:
            dropped.append(f"option {option} is given different verdicts")
        elif verdict == findings[option].verdict:
            dropped.append(f"option {option} is {verdict} already")
        elif not is_quoted(override.evidence, answer):
            dropped.append(f"option {option}: the evidence is not in the answer")
        else:
            accepted.setdefault(
                option, Finding(option=option, verdict=verdict, evidence=override.evidence)
            )
    return accepted, tuple(dropped)
