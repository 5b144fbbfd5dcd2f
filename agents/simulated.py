"""Simulated clinicians: seeded error rates in place of a model. They say nothing about medicine.

They get a suite's key from the study, never through a prompt, and read and write the same prompts
and replies as any model. A belief about an option is a threshold on a standard normal variable
(a one-factor probit), z = sqrt(d) all + sqrt(r) family + sqrt(1 - d - r) own, where `own` is again
split into what stays and what varies over variants and trials.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist

from primum.agents.profiles import Profile
from primum.agents.spec import Spec, digest
from primum.cases.errors import DataError
from primum.cases.menu import parse_menu, render_menu
from primum.cases.model import Suite
from primum.prompts.render import inert

ALGORITHM = 1
OBJECTION_WEIGHT = 0.5
TAG = re.compile(r"<(draft|critique)[^>]*>\n(.*?)\n</\1>", re.DOTALL)
CASE = re.compile(r"<case>\n(.*?)\n</case>\s+.*?<menu>\n(.*?)\n</menu>", re.DOTALL)
STANDARD = NormalDist()
Grades = dict[int, bool]


class AnswerKey(Spec):
    """What the study tells a simulated clinician of a task: scores by option number."""

    case: str
    task: str
    scores: dict[int, int]


class UnknownCaseError(LookupError):
    """A prompt whose letter is in no registered suite."""


class Clinic:
    """The answer keys that simulated clinicians may consult, by suite digest and letter."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, AnswerKey]] = {}

    def register(self, suite: Suite) -> str:
        """Make a suite's key known; returns the digest that requests name as their revision.

        Raises:
            DataError: two tasks that no reader could tell apart have different scores.
        """
        keys: dict[str, AnswerKey] = {}
        for task in suite.tasks():
            scores = {option.id: option.score for option in task.case.options}
            asked = _letter(inert(task.presentation), inert(render_menu(task.public.menu)))
            key = AnswerKey(case=task.case.id, task=task.id, scores=scores)
            if keys.setdefault(asked, key).scores != scores:
                raise DataError(
                    f"{task.id}: {keys[asked].task} has the same letter and menu and other scores: "
                    "simulated clinicians cannot tell them apart"
                )
        revision = digest([ALGORITHM, {asked: key.model_dump() for asked, key in keys.items()}])
        self._keys[revision] = keys
        return revision

    def reply(
        self,
        messages: Sequence[dict[str, str]],
        model: str,
        profile: Profile,
        revision: str,
        trial: int,
        sample: int = 1,
    ) -> str:
        """What the named clinician writes to a conversation.

        Raises:
            UnknownCaseError: the prompt's letter is in no suite registered under the revision.
        """
        system, user = messages[0]["content"], messages[1]["content"]
        found = CASE.search(user)
        asked = _letter(found[1], found[2]) if found else ""
        key = self._keys.get(revision, {}).get(asked)
        if found is None or key is None:
            raise UnknownCaseError("simulated clinicians answer only the study's own cases")
        numbers = [item.number for item in parse_menu(found[2])[1]]
        draw = str(trial) if sample == 1 else f"{trial}.{sample}"
        own = {n: believes(profile, model, key, n, draw) for n in numbers}
        role = system.partition("\n")[0].removeprefix("Role: ").strip()
        return ROLES[role](own, _read(user))


def believes(profile: Profile, model: str, key: AnswerKey, option: int, draw: object) -> bool:
    """Whether a clinician holds an option to be appropriate."""
    rate = profile.rate(key.scores[option])
    if rate in {0.0, 1.0}:
        return rate == 1.0
    about = f"{key.case}|{option}"
    shared, family, seed = profile.difficulty, profile.correlation, profile.seed
    own = 1 - shared - family
    stays = own * profile.consistency
    z = (
        shared**0.5 * _normal(f"{seed}|all|{about}")
        + family**0.5 * _normal(f"{seed}|family|{profile.family}|{about}")
        + stays**0.5 * _normal(f"{seed}|model|{model}|{about}")
        + (own - stays) ** 0.5 * _normal(f"{seed}|draw|{model}|{key.task}|{option}|{draw}")
    )
    # The shared part makes hard options hard for all: errors, not recommendations, are common.
    right = key.scores[option] >= 7  # noqa: PLR2004
    return bool((z if right else -z) < STANDARD.inv_cdf(rate))


def _letter(presentation: str, menu: str) -> str:
    return f"{presentation.strip()}\n{menu.strip()}"


@lru_cache(maxsize=1 << 18)
def _normal(name: str) -> float:
    draw = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 11
    return STANDARD.inv_cdf((draw + 0.5) / (1 << 53))


def _read(prompt: str) -> tuple[list[Grades], list[Grades]]:
    drafts: list[Grades] = []
    critiques: list[Grades] = []
    for tag, body in TAG.findall(prompt):
        rows = {row["Option"]: row["GradeAI"] == "Appropriate" for row in json.loads(body)}
        (drafts if tag == "draft" else critiques).append(rows)
    return drafts, critiques


def _generate(own: Grades, _: tuple[list[Grades], list[Grades]]) -> str:
    return _dump(own, "Simulated belief.")


def _criticise(own: Grades, read: tuple[list[Grades], list[Grades]]) -> str:
    (draft,) = read[0]
    return _dump(
        {n: own[n] for n, grade in draft.items() if own[n] != grade}, "Simulated objection."
    )


def _aggregate(own: Grades, read: tuple[list[Grades], list[Grades]]) -> str:
    drafts, critiques = read
    weights = {
        n: sum(1 if draft[n] else -1 for draft in drafts)
        + OBJECTION_WEIGHT * sum(1 if c[n] else -1 for c in critiques if n in c)
        for n in own
    }
    final = {n: belief if weights[n] == 0 else weights[n] > 0 for n, belief in own.items()}
    return _dump(final, "Simulated weighing of drafts and critiques.")


ROLES: dict[str, Callable[[Grades, tuple[list[Grades], list[Grades]]], str]] = {
    "generator": _generate,
    "critic": _criticise,
    "aggregator": _aggregate,
}


def _dump(grades: Grades, rationale: str) -> str:
    rows = [
        {"Option": n, "GradeAI": "Appropriate" if yes else "Inappropriate", "Rationale": rationale}
        for n, yes in grades.items()
    ]
    return json.dumps(rows)
