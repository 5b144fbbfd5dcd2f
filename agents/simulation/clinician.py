"""Simulated models: seeded errors instead of a language model. They say nothing about medicine.

They get a suite's answer key from the study, never through a prompt, and read and write the same
prompts and replies as any model. Whether a model holds an option to be appropriate is a threshold
on a standard normal variable (a one-factor probit model),

    z = sqrt(d) all + sqrt(r) family + sqrt(1 - d - r) own,

where `own` has a part that is fixed and a part that varies over variants and trials. The result is
the same in every protocol; a plan consists of the options' own texts, whatever form is asked for.
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
from primum.agents.roles.record import written
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
    """What the study tells a simulated model about an item: scores and texts by option number."""

    case: str
    item: str
    scores: dict[int, int]
    texts: dict[int, str] = Field(default_factory=dict)


class UnknownCaseError(LookupError):
    """A prompt whose presentation is in no registered suite, or belongs to two of its items."""


class Keys(NamedTuple):
    """A suite's answer keys by presentation and menu, and by presentation alone."""

    menus: dict[str, AnswerKey]
    plans: dict[str, list[AnswerKey]]


class SimulatedCall(NamedTuple):
    """A call to a simulated model: its name, profile and suite, and which repeat it is.

    `revision` is the digest that `SimulatedModels.register` returned.
    """

    model: str
    profile: Profile
    revision: str
    trial: int
    sample: int = 1


class SimulatedModels:
    """The simulated models of the panels, and the answer keys of the suites that they know."""

    def __init__(self) -> None:
        self._keys: dict[str, Keys] = {}

    def register(self, suite: Suite) -> str:
        """Register a suite's answer key; returns its digest, which requests give as their revision.

        Raises:
            DataError: two items with the same presentation and menu have different scores.
        """
        keys = Keys({}, {})
        for item in suite.items():
            key = key_of(item)
            presentation = inert(item.presentation).strip()
            asked = _asked(presentation, inert(render_menu(item.public.menu)))
            known = keys.menus.setdefault(asked, key)
            if known is key:
                keys.plans.setdefault(presentation, []).append(key)
            elif known.scores != key.scores:
                raise DataError(
                    f"{item.id}: {known.item} has the same presentation and menu, but other "
                    "scores: simulated models cannot tell them apart"
                )
        # The menu holds the texts.
        dumped = {asked: key.model_dump(exclude={"texts"}) for asked, key in keys.menus.items()}
        revision = digest([ALGORITHM, dumped])
        self._keys[revision] = keys
        return revision

    def reply(
        self,
        messages: Sequence[dict[str, str]],
        call: SimulatedCall,
    ) -> str:
        """The reply of a simulated model to a conversation.

        Raises:
            UnknownCaseError: the presentation is in no suite registered under the revision, or, in
                a prompt without a menu, belongs to two items; or no simulated model plays the role.
        """
        profile, model = call.profile, call.model
        system, user = messages[0]["content"], messages[1]["content"]
        name = system.partition("\n")[0].removeprefix("Role: ").strip()
        playing = {role.name: role for role in ROLES if role.write}
        if name not in playing:
            raise UnknownCaseError(f"simulated models can be {', '.join(playing)}; not {name[:40]}")
        key, menu = self._recognise(user, call.revision)
        options = {n: (n,) for n in menu} or alike(key.texts)
        wording = OptionWording(
            protocol_of_prompt(user).wording({n: key.texts[n] for n in options}), tuple(options)
        )
        draw = str(call.trial) if call.sample == 1 else f"{call.trial}.{call.sample}"
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
        return written(playing[name], state, wording)

    def _recognise(self, user: str, revision: str) -> tuple[AnswerKey, list[int]]:
        """The key of a prompt's case, and the numbers of its menu, if it has one."""
        keys = self._keys.get(revision, Keys({}, {}))
        found = CASE.search(user)
        presentation, menu = found.groups() if found else ("", None)
        if menu is not None:
            known = keys.menus.get(_asked(presentation, menu))
            fitting = [known] if known else []
        else:
            fitting = keys.plans.get(presentation.strip(), [])
        if not fitting:
            raise UnknownCaseError("simulated models answer only the study's own cases")
        if len(fitting) > 1:
            raise UnknownCaseError(
                f"{fitting[1].item} has the same presentation as {fitting[0].item} and other "
                "options: simulated models cannot tell them apart without a menu"
            )
        return fitting[0], [option.number for option in parse_menu(menu)[1]] if menu else []


def key_of(item: Item) -> AnswerKey:
    """What simulated models know about an item."""
    options = item.case.options
    return AnswerKey(
        case=item.case.id,
        item=item.id,
        scores={option.id: option.score for option in options},
        texts={option.id: option.text for option in options},
    )


def believes(profile: Profile, model: str, key: AnswerKey, option: int, draw: object) -> bool:
    """Whether a simulated model holds an option to be appropriate."""
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
    # The shared part makes an option hard for all models: it correlates errors, not answers.
    right = key.scores[option] >= 7  # noqa: PLR2004
    return bool((z if right else -z) < STANDARD.inv_cdf(rate))


def _asked(presentation: str, menu: str) -> str:
    return f"{presentation.strip()}\n{menu.strip()}"


@lru_cache(maxsize=1 << 16)
def _normal(name: str) -> float:
    draw = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 11
    return STANDARD.inv_cdf((draw + 0.5) / (1 << 53))


def _bools(values: Iterable[bool]) -> Bools:
    return np.fromiter(values, dtype=bool)
