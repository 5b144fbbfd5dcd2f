"""What turns an answer in free text into verdicts: the lexical matcher, or a panel of judges."""

from functools import lru_cache, partial
from importlib.metadata import version

from primum.agents.judges.panel import JudgePanel, judge_answer, judges_path, load_judges
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.record import ProtocolRecord
from primum.agents.replies.plan import draw_actions
from primum.agents.studies.extensions import with_extensions
from primum.agents.studies.panels import require_callable
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import (
    Caller,
    JudgedAction,
    Judgement,
    Matcher,
    MatcherOf,
    OptionVerdict,
)
from primum.cases.model import Case, Item
from primum.core.errors import DataError, UsageError
from primum.evaluation.matching.lexical.matcher import Match
from primum.evaluation.matching.registry import (
    LEXICAL,
    MATCHERS,
    PublicOption,
    matcher_labelled,
    matches_of,
)
from primum.evaluation.scoring.answer_key import Weights

LARGEST_WEIGHT = 1e6


def matcher_of(study: Study) -> MatcherOf | None:
    """What makes a study's matcher of the way to its judges, in any process; None for grades."""
    if study.judge is not None:
        return partial(_by_judges, study.judge)
    record = matcher_labelled(study.matcher)
    return partial(_by_record, record.name) if record else None


def _by_judges(judge: JudgePanel, call: Caller) -> Matcher:
    return lambda item, text: judge_answer(judge, item, text, call)


def _by_record(name: str, _: Caller) -> Matcher:
    async def matcher(item: Item, text: str) -> Judgement:
        return judgement_of(item.case, text, name)

    return matcher


def judgement_of(case: Case, text: str, matcher: str = LEXICAL.name) -> Judgement:
    """A matcher's verdicts, and the actions of the text with the options that each matches."""
    options = tuple((option.id, option.category, option.text) for option in case.options)
    return _judgement(matcher, options, text)


@lru_cache(maxsize=4096)
def _judgement(name: str, options: tuple[PublicOption, ...], text: str) -> Judgement:
    """The same text is often read more than once: by several ensembles, or over trials."""
    given = {match.option: match for match in matches_of(MATCHERS[name], options, text)}
    matches = [given.get(option, Match(option, "none")) for option, *_ in options]
    category = {option: kind for option, kind, _ in options}
    drawn = [(action.text, action.start, action.end) for action in draw_actions(text)]
    for match in matches:
        if match.verdict != "none" and not any(_within(match, a, b) for _, a, b in drawn):
            end = match.start + len(match.evidence)
            drawn.append((match.evidence, match.start, end))
    actions = []
    for number, (action, start, end) in enumerate(sorted(drawn, key=lambda d: d[1]), 1):
        found = tuple(
            match.option
            for match in matches
            if match.verdict != "none" and _within(match, start, end)
        )
        actions.append(JudgedAction(number, action, category[found[0]] if found else "", found))
    return Judgement(
        judge=MATCHERS[name].label,
        outcome=Outcome.OK,
        verdicts=tuple(OptionVerdict(m.option, m.verdict, m.evidence) for m in matches),
        actions=tuple(actions),
    )


def _within(match: Match, start: int, end: int) -> bool:
    """Whether the words of a match begin in a span of the text."""
    return start <= match.start < end


def named_matcher(name: str, *, asked: bool = True) -> tuple[str, JudgePanel | None]:
    """A matcher by its name: what stands in the record for it, and the judges if it is a panel.

    Args:
        name: "lexical", a ready panel of judges, or the file of one.
        asked: whether its models will be asked, and have to be callable.

    Raises:
        DataError: there is no such matcher, or it cannot be asked.
    """
    if name in MATCHERS:
        return MATCHERS[name].label, None
    panel = load_judges(name)
    if asked:
        require_callable(panel.models, judges_path(name))
    return panel.label, panel


def matcher_for(
    protocol: ProtocolRecord, name: str | None, *, asked: bool = True
) -> tuple[str, JudgePanel | None]:
    """What turns a protocol's answers into verdicts: its grades, or a matcher.

    Args:
        protocol: how items are asked.
        name: of a matcher; None takes the protocol's usual one.
        asked: as for `named_matcher`.

    Raises:
        UsageError: a matcher for answers that are grades.
        DataError: there is no such matcher, or it cannot be asked.
    """
    if protocol.grades_matcher is None:
        return named_matcher(name or str(protocol.default_matcher), asked=asked)
    if name:
        raise UsageError(
            f"--matcher {name}: protocol {protocol.name} needs no matcher; leave the option out"
        )
    return protocol.grades_matcher, None


def rescored(study: Study, matcher: str | None, weights: str | None) -> Study:
    """A study as it is when other words turn its answers into figures.

    Args:
        study: as it was run.
        matcher: another matcher, by name; None keeps the study's.
        weights: other weights, as `parse_weights` reads them; None keeps the study's.

    Raises:
        DataError: no such matcher or weights, or a matcher for answers that are grades.
    """
    changes: dict[str, object] = {"version": version("primum")}
    protocol = study.protocol.record
    if matcher and not protocol.matched:
        raise DataError(
            f"--matcher {matcher}: the grades of {study.id} (protocol {protocol.name}) "
            "need no matcher"
        )
    if matcher:
        changes["matcher"], changes["judge"] = named_matcher(matcher, asked=False)
    if weights:
        changes["weights"] = parse_weights(weights)
    return with_extensions(study.model_copy(update=changes))


def parse_weights(text: str) -> Weights:
    """Weights from `severe:moderate:mild:uncertain`.

    Raises:
        UsageError: not four numbers from 0 to a million, or all of them 0.
    """
    try:
        severe, moderate, mild, uncertain = (float(part) for part in text.split(":"))
    except ValueError:
        severe = moderate = mild = uncertain = -1.0
    weights = (severe, moderate, mild, uncertain)
    if not all(0 <= weight <= LARGEST_WEIGHT for weight in weights) or not any(weights):
        raise UsageError(
            f"--weights {text}: expected four numbers from 0 to a million, as in 72:24:3:1"
        )
    return weights
