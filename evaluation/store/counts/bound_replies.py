"""Which replies of a study's models were bound to a schema."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.specs.replies import RepliedAs
from primum.agents.studies.study import Study
from primum.evaluation.store.database import Fetch

NOT_AS_PUBLISHED = (
    "Replies were bound to a schema, those of the published runs were not: to compare with these, "
    "write `replies: text`."
)


# One row for each model; $1 is the study.
BY_MODEL = """
with used as (select distinct judging, unnest(calls) as call from turns where study = $1)
select u.judging, c.model, c.replied_as, count(*)
from used u join calls c using (call) where c.study = $1 and c.replied_as is not null group by all
"""


class ModelReplies(NamedTuple):
    """The replies of one model that can be bound, of ensembles or of judges.

    Attributes:
        model: its name in the panel.
        judging: whether it judged.
        settings: what `replies` is for the model in its seats.
        counts: numbers of distinct calls.
    """

    model: str
    judging: bool
    settings: tuple[str, ...]
    counts: Counter[RepliedAs]

    @property
    def bound(self) -> bool:
        """Whether any reply was bound."""
        return self.counts[RepliedAs.SCHEMA] > 0

    @property
    def is_plain(self) -> bool:
        """Whether there was nothing to bind: text was set."""
        return set(self.counts) <= {RepliedAs.TEXT} and self.settings == ("text",)

    @property
    def words(self) -> str:
        """How its replies came, and what was set, such as "bound to a schema (auto)"."""
        kinds = [kind for kind in RepliedAs if self.counts[kind]]
        said = [f"{self.counts[kind]} {kind.words}" if kinds[1:] else kind.words for kind in kinds]
        return f"{', '.join(said) or 'no reply to bind'} ({', '.join(self.settings)})"


def bound_replies(fetch: Fetch, study: Study) -> tuple[ModelReplies, ...]:
    """How the replies of each model of a study came, from the rows of a store."""
    counts: dict[tuple[bool, str], Counter[RepliedAs]] = {}
    for judging, model, replied_as, number in fetch(BY_MODEL, [study.id]):
        counts.setdefault((judging, model), Counter())[RepliedAs(replied_as)] = number
    return tuple(
        ModelReplies(name, judging, settings, counts.get((judging, name), Counter()))
        for judging, name, settings in _settings(study)
    )


def bound_notes(replies: Sequence[ModelReplies]) -> Iterator[str]:
    """What to say of replies that were, or were to be, bound; models with the same words as one."""
    said: dict[tuple[bool, str], list[str]] = {}
    for one in replies:
        if not one.is_plain:
            said.setdefault((one.judging, one.words), []).append(one.model)
    for (judging, words), names in said.items():
        yield f"Replies of {'the judges ' * judging}{', '.join(names)}: {words}"
    if notice := not_as_published(replies):
        yield notice


def not_as_published(replies: Iterable[ModelReplies]) -> str:
    """The notice where replies of ensembles were bound, which those of the published were not."""
    return NOT_AS_PUBLISHED if any(one.bound and not one.judging for one in replies) else ""


def _settings(study: Study) -> Iterator[tuple[bool, str, tuple[str, ...]]]:
    """Each model that is asked, whether it judges, and its settings in the order of its seats."""
    seated = [agent for ensemble in study.ensembles for _, _, agent in ensemble.seats]
    yield from _settings_of(seated, study.models, judging=False)
    if study.judge:
        judges = [agent for judge in study.judge.judges for _, agent in judge.agents]
        yield from _settings_of(judges, study.judge.models, judging=True)


def _settings_of(
    agents: Iterable[AgentSpec], models: Mapping[str, ModelSpec], *, judging: bool
) -> Iterator[tuple[bool, str, tuple[str, ...]]]:
    found: dict[str, dict[str, None]] = {}
    for agent in agents:
        found.setdefault(agent.model, {})[agent.reply_form(models[agent.model]).name] = None
    for model in models:
        if model in found:
            yield judging, model, tuple(found[model])
