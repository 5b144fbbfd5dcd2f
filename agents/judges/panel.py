"""Panels of judges: their files, and the judgement of an answer by majority."""

import asyncio
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from primum.agents.judges.judge import Judge, judge_alone, reconcile_actions
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.reader import Reader
from primum.agents.roles.judging import MATCHER, REVIEWER
from primum.agents.specs.model import AgentSpec, FrozenRecord, ModelSpec, Name, digest
from primum.agents.turns.exchange import Agent
from primum.agents.turns.transcript import VERDICTS, Caller, Judgement, OptionVerdict
from primum.cases.model import Item
from primum.core.documents import is_there, parse_yaml, read_text
from primum.core.errors import DataError
from primum.core.field_errors import field_error
from primum.prompts.render import template

VERSION = 1  # of the rules that turn replies into verdicts
PROMPTS = ("judge.match", "judge.coverage", "judge.review", "repair.object")


class JudgeSpec(FrozenRecord):
    """A judge: a matcher, and a reviewer if there is one."""

    matcher: AgentSpec
    reviewer: AgentSpec | None = None

    @property
    def label(self) -> str:
        """Its agents' labels."""
        return "+".join(agent.label for _, agent in self.agents)

    @property
    def agents(self) -> tuple[tuple[str, AgentSpec], ...]:
        """Its agents by the name of their field."""
        reviewer = (("reviewer", self.reviewer),) if self.reviewer else ()
        return (("matcher", self.matcher), *reviewer)


class JudgePanel(FrozenRecord):
    """Models, and the judges that consist of them; each judge has one vote."""

    name: Name
    note: str = ""
    cost: str = ""
    models: Annotated[dict[Name, ModelSpec], Field(min_length=1)]
    judges: Annotated[tuple[JudgeSpec, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        for name, model in self.models.items():
            if model.simulated:
                raise field_error(
                    f"models.{name}.id", f"{model.id}: a simulated clinician is no judge"
                )
        seen: set[str] = set()
        for index, spec in enumerate(self.judges):
            for seat, agent in spec.agents:
                if agent.model not in self.models:
                    known = ", ".join(self.models)
                    message = f"the {seat} is {agent.model}, not one of {known}"
                    raise field_error(f"judges.{index}.{seat}", message)
            if spec.label in seen:
                raise field_error(
                    f"judges.{index}", f"{spec.label} is there twice; a judge has one vote"
                )
            seen.add(spec.label)
        return self

    @cached_property
    def label(self) -> str:
        """Its name in manifests, with the rules' version and a digest of judges and prompts."""
        judges = self.model_dump(mode="json", include={"models", "judges"})
        prompts = [template(name) for name in PROMPTS]
        return f"judge:{self.name}/{VERSION}~{digest([judges, prompts])[:6]}"

    @property
    def families(self) -> frozenset[str]:
        """The families of the judges' models."""
        return frozenset().union(*(self._families(spec) for spec in self.judges))

    def judges_of_own_family(self, families: AbstractSet[str]) -> tuple[str, ...]:
        """The labels of the judges that have a model of one of these families."""
        return tuple(spec.label for spec in self.judges if families & self._families(spec))

    def notes(self) -> tuple[str, ...]:
        """Warnings about its composition, such as a matcher and reviewer of one family."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        for spec in self.judges:
            family = self.models[spec.matcher.model].family
            if spec.reviewer and self.models[spec.reviewer.model].family == family:
                yield f"judge {spec.label}: matcher and reviewer are of one family ({family})"
        matchers = [spec.matcher.label for spec in self.judges]
        for matcher in dict.fromkeys(matchers):
            if (many := matchers.count(matcher)) > 1:
                yield f"{matcher} matches for {many} judges: asked once, it counts {many} times"

    def _families(self, spec: JudgeSpec) -> frozenset[str]:
        return frozenset(self.models[agent.model].family for _, agent in spec.agents)

    def judge_of(self, spec: JudgeSpec, reader: Reader = Reader.TOLERANT) -> Judge:
        """A judge with its agents, whose replies are read by a reader."""
        matcher = Agent(
            seat=f"{spec.label}:match",
            role=MATCHER.name,
            spec=spec.matcher,
            model=self.models[spec.matcher.model],
        )
        if spec.reviewer is None:
            return Judge(spec.label, matcher, None, reader)
        reviewer = Agent(
            seat=f"{spec.label}:review",
            role=REVIEWER.name,
            spec=spec.reviewer,
            model=self.models[spec.reviewer.model],
        )
        return Judge(spec.label, matcher, reviewer, reader)


def builtin_judges() -> dict[str, Path]:
    """The files of the built-in panels of judges, by name."""
    folder = Path(str(files("primum.panels.judges")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def judges_path(name: str) -> Path:
    """The path of a panel of judges: of a built-in one by its name, or a file."""
    return builtin_judges().get(name, Path(name))


def load_judges(name: str) -> JudgePanel:
    """A built-in panel of judges by name, or one from a YAML file.

    Raises:
        DataError: no such file, or not a valid panel; names file, line and field.
    """
    path = judges_path(name)
    if not is_there(path):
        ready = ", ".join(builtin_judges())
        raise DataError(f"{name}: no such panel of judges; name a .yaml file or one of {ready}")
    return parse_yaml(JudgePanel, read_text(path), path)


async def judge_answer(
    panel: JudgePanel, item: Item, text: str, call: Caller, reader: Reader = Reader.TOLERANT
) -> Judgement:
    """The judgement of an answer to an item by a panel; each judge is asked separately."""
    asked = [judge_alone(panel.judge_of(spec, reader), item, text, call) for spec in panel.judges]
    return combine(panel.label, await asyncio.gather(*asked), item)


def combine(label: str, votes: Sequence[Judgement], item: Item) -> Judgement:
    """The judgement of several judges; the answer is unjudged unless more than half of them judged.

    The verdict on an option is the lower median (none < partial < full) of the judges that judged,
    which is the majority if there is one. Its evidence is that of the first judge, by label, with
    this verdict; the actions are those of the judge that agrees with most verdicts. An unjudged
    answer has the outcome of the first judge, by label, that failed. Order makes no difference.
    """
    votes = sorted(votes, key=lambda vote: vote.judge)
    judged = [vote for vote in votes if vote.outcome is Outcome.OK]
    if 2 * len(judged) <= len(votes):
        failed = [vote for vote in votes if vote.outcome is not Outcome.OK]
        reason = "; ".join(vote.reason for vote in failed) or "there is no judge"
        outcome = failed[0].outcome if failed else Outcome.INVALID
        return Judgement(label, outcome, reason, votes=tuple(votes))
    said = [{verdict.option: verdict for verdict in vote.verdicts} for vote in judged]
    options = [option.id for option in item.case.options]
    verdicts = tuple(_median([by_option[option] for by_option in said]) for option in options)
    agreeing = [sum(own[v.option].verdict == v.verdict for v in verdicts) for own in said]
    nearest = judged[agreeing.index(max(agreeing))]
    changed = {option for vote in judged for option in vote.overridden}
    return Judgement(
        judge=label,
        outcome=Outcome.OK,
        verdicts=verdicts,
        actions=reconcile_actions(nearest.actions, verdicts, item),
        overridden=tuple(option for option in options if option in changed),
        votes=tuple(votes),
    )


def _median(verdicts: Sequence[OptionVerdict]) -> OptionVerdict:
    ranked = sorted(verdicts, key=lambda verdict: VERDICTS.index(verdict.verdict))
    middle = ranked[(len(ranked) - 1) // 2].verdict
    return next(verdict for verdict in verdicts if verdict.verdict == middle)
