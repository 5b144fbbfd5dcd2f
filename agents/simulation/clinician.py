"""Simulated clinicians: seeded error rates in place of a model. They say nothing about medicine.

They get a suite's key from the study, never through a prompt, and read and write the same prompts
and replies as any model. A belief about an option is a threshold on a standard normal variable
(a one-factor probit), z = sqrt(d) all + sqrt(r) family + sqrt(1 - d - r) own, where `own` is again
split into what stays and what varies over variants and trials. What is believed is the same in
both protocols; a plan holds the options' own texts and ignores the bound that is set to its length.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from pydantic import Field

from primum.agents.protocols.plan_wording import alike
from primum.agents.protocols.registry import protocol_of_prompt
from primum.agents.roles.registry import ROLES
from primum.agents.roles.simulated import OptionWording, SimulatedState
from primum.agents.simulation.profiles import Profile
from primum.agents.specs.model import FrozenRecord, digest
from primum.cases.menu import parse_menu, render_menu
from primum.cases.model import Item, Suite
from primum.core.arrays import Bools
from primum.core.errors import DataError
from primum.prompts.render import inert

ALGORITHM = 1
TAG = re.compile(r"<(draft|critique)[^>]*>\n(.*?)\n</\1>", re.DOTALL)
CASE = re.compile(r"<case>\n(.*?)\n</case>(?:\s+.*?<menu>\n(.*?)\n</menu>)?", re.DOTALL)
STANDARD = NormalDist()


class AnswerKey(FrozenRecord):
    """What the study tells a simulated clinician of an item: scores and texts by option number."""

    case: str
    item: str
    scores: dict[int, int]
    texts: dict[int, str] = Field(default_factory=dict)


class UnknownCaseError(LookupError):
    """A prompt whose letter is in no registered suite, or which could be of either of two cases."""


class Keys(NamedTuple):
    """A suite's keys: for menu prompts by letter and menu, for plan prompts by letter alone."""

    menus: dict[str, AnswerKey]
    plans: dict[str, list[AnswerKey]]


class SimulatedModels:
    """The answer keys that simulated clinicians may consult, by suite digest and letter."""

    def __init__(self) -> None:
        self._keys: dict[str, Keys] = {}

    def register(self, suite: Suite) -> str:
        """Make a suite's key known; returns the digest that requests name as their revision.

        Raises:
            DataError: two items that no reader could tell apart have different scores.
        """
        keys = Keys({}, {})
        for item in suite.items():
            key = key_of(item)
            letter = inert(item.presentation).strip()
            asked = _asked(letter, inert(render_menu(item.public.menu)))
            known = keys.menus.setdefault(asked, key)
            if known is key:
                keys.plans.setdefault(letter, []).append(key)
            elif known.scores != key.scores:
                raise DataError(
                    f"{item.id}: {known.item} has the same letter and menu and other scores: "
                    "simulated clinicians cannot tell them apart"
                )
        # The menu holds the texts.
        dumped = {asked: key.model_dump(exclude={"texts"}) for asked, key in keys.menus.items()}
        revision = digest([ALGORITHM, dumped])
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
            UnknownCaseError: the prompt's letter is in no suite registered under the revision, or,
                of a prompt without a menu, in two cases of it; or the role is none of theirs.
        """
        system, user = messages[0]["content"], messages[1]["content"]
        name = system.partition("\n")[0].removeprefix("Role: ").strip()
        playing = {role.name: role.write for role in ROLES if role.write}
        if name not in playing:
            raise UnknownCaseError(
                f"simulated clinicians are {', '.join(playing)}; not {name[:40]}"
            )
        key, menu = self._recognise(user, revision)
        options = {n: (n,) for n in menu} or alike(key.texts)
        wording = OptionWording(
            protocol_of_prompt(user).wording({n: key.texts[n] for n in options}), tuple(options)
        )
        draw = str(trial) if sample == 1 else f"{trial}.{sample}"
        read = TAG.findall(user)
        drafts = [wording.read_draft(text) for tag, text in read if tag == "draft"]
        state = SimulatedState(
            own=_bools(
                any(believes(profile, model, key, option, draw) for option in same)
                for same in options.values()
            ),
            acts=lambda: _bools(
                _normal(f"{profile.seed}|act|{model}|{key.item}|{n}|{draw}") > 0 for n in options
            ),
            drafts=drafts,
            critiques=[wording.read_critique(text) for tag, text in read if tag == "critique"],
            places=np.arange(len(drafts)),
        )
        return playing[name](state, wording)

    def _recognise(self, user: str, revision: str) -> tuple[AnswerKey, list[int]]:
        """The key of a prompt's case, and the numbers of its menu, if it has one."""
        keys = self._keys.get(revision, Keys({}, {}))
        found = CASE.search(user)
        letter, menu = found.groups() if found else ("", None)
        if menu is not None:
            known = keys.menus.get(_asked(letter, menu))
            fitting = [known] if known else []
        else:
            fitting = keys.plans.get(letter.strip(), [])
        if not fitting:
            raise UnknownCaseError("simulated clinicians answer only the study's own cases")
        if len(fitting) > 1:
            raise UnknownCaseError(
                f"{fitting[1].item} has the very letter of {fitting[0].item} and other options: "
                "simulated clinicians cannot tell them apart without a menu"
            )
        return fitting[0], [option.number for option in parse_menu(menu)[1]] if menu else []


def key_of(item: Item) -> AnswerKey:
    """What a simulated clinician may know of an item."""
    options = item.case.options
    return AnswerKey(
        case=item.case.id,
        item=item.id,
        scores={option.id: option.score for option in options},
        texts={option.id: option.text for option in options},
    )


def believes(profile: Profile, model: str, key: AnswerKey, option: int, draw: object) -> bool:
    """Whether a clinician holds an option to be appropriate."""
    rate = profile.rate(key.scores[option])
    if rate in {0.0, 1.0}:
        return rate == 1.0
    about = f"{key.case}|{option}"
    shared, family, stays, varies = profile.shares
    seed = profile.seed
    z = (
        shared**0.5 * _normal(f"{seed}|all|{about}")
        + family**0.5 * _normal(f"{seed}|family|{profile.family}|{about}")
        + stays**0.5 * _normal(f"{seed}|model|{model}|{about}")
        + varies**0.5 * _normal(f"{seed}|draw|{model}|{key.item}|{option}|{draw}")
    )
    # The shared part makes hard options hard for all: errors, not recommendations, are common.
    right = key.scores[option] >= 7  # noqa: PLR2004
    return bool((z if right else -z) < STANDARD.inv_cdf(rate))


def _asked(letter: str, menu: str) -> str:
    return f"{letter.strip()}\n{menu.strip()}"


@lru_cache(maxsize=1 << 16)
def _normal(name: str) -> float:
    draw = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 11
    return STANDARD.inv_cdf((draw + 0.5) / (1 << 53))


def _bools(values: Iterable[bool]) -> Bools:
    return np.fromiter(values, dtype=bool)
