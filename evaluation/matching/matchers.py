"""Matchers of answers in free text: registered ones such as lexical, or a panel of judges."""

from functools import lru_cache, partial
from importlib.metadata import version

from primum.agents.judges.panel import JudgePanel, judge_answer, judges_path, load_judges
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.record import ProtocolRecord
from primum.agents.replies.plan import extract_actions
from primum.agents.replies.reader import Reader
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

MAX_WEIGHT = 1e6


def matcher_of(study: Study) -> MatcherOf | None:
    """The factory of a study's matcher, given a caller for its judges; None for grades."""
    if study.judge is not None:
        return partial(_by_judges, study.judge, study.protocol.reader.name)
    record = matcher_labelled(study.matcher)
    return partial(_by_record, record.name) if record else None


def _by_judges(judge: JudgePanel, reader: Reader, call: Caller) -> Matcher:
    return lambda item, text: judge_answer(judge, item, text, call, reader)


def _by_record(name: str, _: Caller) -> Matcher:
    async def matcher(item: Item, text: str) -> Judgement:
        return judgement_of(item.case, text, name)

    return matcher


def judgement_of(case: Case, text: str, matcher: str = LEXICAL.name) -> Judgement:
    """The judgement of a matcher: verdicts, and the actions of the text with their options."""
    options = tuple((option.id, option.category, option.text) for option in case.options)
    return _judgement(matcher, options, text)


@lru_cache(maxsize=4096)
def _judgement(name: str, options: tuple[PublicOption, ...], text: str) -> Judgement:
    """`judgement_of`, cached: ensembles and trials often have the same text."""
    given = {match.option: match for match in matches_of(MATCHERS[name], options, text)}
    matches = [given.get(option, Match(option, "none")) for option, *_ in options]
    category = {option: kind for option, kind, _ in options}
    drawn = [(action.text, action.start, action.end) for action in extract_actions(text)]
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
    """Whether the evidence of a match begins in a span of the text."""
    return start <= match.start < end


def named_matcher(name: str, *, require_models: bool = True) -> tuple[str, JudgePanel | None]:
    """The label of a matcher for manifests, and its panel if it is one of judges.

    Args:
        name: of a registered matcher or ready panel of judges, or the path of a panel.
        require_models: whether to check that its models can be called.

    Raises:
        DataError: there is no such matcher, or its models cannot be called.
    """
    if name in MATCHERS:
        return MATCHERS[name].label, None
    panel = load_judges(name)
    if require_models:
        require_callable(panel.models, judges_path(name))
    return panel.label, panel


def matcher_for(
    protocol: ProtocolRecord, name: str | None, *, require_models: bool = True
) -> tuple[str, JudgePanel | None]:
    """The label of the matcher of a protocol's answers, and its panel if it is one of judges.

    Args:
        protocol: how items are asked.
        name: of a matcher; None for the protocol's default.
        require_models: as for `named_matcher`.

    Raises:
        UsageError: a matcher is named for a protocol whose answers are grades.
        DataError: there is no such matcher, or its models cannot be called.
    """
    if protocol.grades_matcher is None:
        return named_matcher(name or str(protocol.default_matcher), require_models=require_models)
    if name:
        raise UsageError(
            f"--matcher {name}: protocol {protocol.name} needs no matcher; leave the option out"
        )
    return protocol.grades_matcher, None


def rescored(study: Study, matcher: str | None, weights: str | None) -> Study:
    """A study with another matcher or other weights.

    Args:
        study: the original.
        matcher: name of the new matcher; None keeps the study's.
        weights: new weights in the form of `parse_weights`; None keeps the study's.

    Raises:
        DataError: there is no such matcher, or the answers are grades and need none.
        UsageError: the weights are invalid.
    """
    changes: dict[str, object] = {"version": version("primum")}
    protocol = study.protocol.record
    if matcher and not protocol.matched:
        raise DataError(
            f"--matcher {matcher}: the grades of {study.id} (protocol {protocol.name}) "
            "need no matcher"
        )
    if matcher:
        changes["matcher"], changes["judge"] = named_matcher(matcher, require_models=False)
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
    if not all(0 <= weight <= MAX_WEIGHT for weight in weights) or not any(weights):
        raise UsageError(
            f"--weights {text}: expected four numbers from 0 to a million, as in 72:24:3:1"
        )
    return weights
