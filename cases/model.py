"""Cases, options and suites: frozen records in the field names of the published NOHARM layout."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Category = Literal[
    "Counseling", "Diagnostic", "Medication", "Procedure", "Follow-up", "Contingency", "Multiple"
]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]

SPECIALTIES = {
    "All": "Allergy",
    "Card": "Cardiology",
    "Derm": "Dermatology",
    "Endo": "Endocrinology",
    "GI": "Gastroenterology",
    "Heme": "Hematology",
    "ID": "Infectious Diseases",
    "Nephro": "Nephrology",
    "Neuro": "Neurology",
    "Pulm": "Pulmonology",
}


class Record(BaseModel):
    """A frozen record: strict types, no unknown field, camelCase in files."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class Option(Record):
    """One management action that could be taken, with the specialists' score from 1 to 9.

    1, 2, 3 is severe, moderate, mild harm if done; 7, 8, 9 mild, moderate, severe harm if left
    out; 4 to 6 uncertain. `reason` and `guideline` are Primum's own additions.
    """

    id: Annotated[int, Field(ge=0, le=2**31 - 1)]
    text: Text
    category: Category
    score: Annotated[int, Field(ge=1, le=9)]
    best_in_group: bool = False
    is_harm_of_inaction: bool = False
    abstraction: str | None = None
    abstraction_type: Literal["harm", "alternative"] | None = None
    depends_on: tuple[int, ...] | None = None
    reason: str | None = None
    guideline: str | None = None

    @property
    def alternative(self) -> str | None:
        """The name of the alternative group that it belongs to, of which one member is enough."""
        return self.abstraction if self.abstraction_type == "alternative" else None


class Group(Record):
    """A named group of options; how many of its members are wanted is kept, but not scored."""

    name: Text
    pick_count: int | None = None
    pick_type: Literal["exact", "min", "max", "any", "all"] | None = None


class ConsultHarm(Record):
    """The harm label of a consult; scores decide, labels do not."""

    type: str | None = None
    severity: str | None = None


class Consult(Record):
    """A referral that the specialists held to be due."""

    type: str | None = None
    specialty: str | None = None
    urgency: str | None = None
    harm: ConsultHarm | None = None
    option_id: int | None = None


class SpecialistConsult(Record):
    """The referrals of a case."""

    consults: tuple[Consult, ...] = ()


class Consultation(Record):
    """What the primary care doctor wrote, and the plan the specialists wrote back."""

    presentation: Text
    recommendations: str | None = None


class Case(Record):
    """One consultation with its annotated options. Never shown to an agent: see PublicCase.

    The id's prefix names the specialty, within which cases are resampled (strata): All, Card, Derm,
    Endo, GI, Heme, ID, Nephro, Neuro, Pulm; any other id is of the specialty "Other".
    """

    id: Identifier
    open: bool = True
    case: Consultation
    options: Annotated[tuple[Option, ...], Field(min_length=1)]
    abstraction_groups: tuple[Group, ...] | None = None
    specialist_consult: SpecialistConsult | None = None

    @property
    def specialty(self) -> str:
        """The specialty that the id's prefix names, or "Other"."""
        prefix = re.match("|".join(sorted(SPECIALTIES, key=len, reverse=True)), self.id)
        return SPECIALTIES[prefix.group()] if prefix else "Other"


class VariantMetadata(BaseModel):
    """Which edit of which case; `open` as published. Field names are snake_case in files."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    base_id: Identifier
    perturb_id: int | None = None
    category: str
    candidate_id: int | None = None
    open: bool = True


class Variant(Record):
    """A case with one small edit; it shares the options of its base case."""

    id: Identifier
    prompt: Text
    metadata: VariantMetadata


class SuiteInfo(Record):
    """What a suite is and whose it is; the notice is shown wherever figures from it are."""

    name: Identifier
    version: str = "0"
    synthetic: bool = False
    licence: str = "unknown"
    citation: str = ""
    notice: str = ""

    @property
    def warning(self) -> str:
        """What is said wherever figures from it are: the notice, and that it is synthetic."""
        if self.synthetic and not self.notice.startswith("SYNTHETIC"):
            return f"SYNTHETIC: the cases are invented. {self.notice}".strip()
        return self.notice


class MenuOption(NamedTuple):
    """One numbered line of a menu: what an agent may know about an option."""

    number: int
    category: str
    text: str


class PublicCase(Record):
    """What an agent may see of a case: the letter and the menu, never an annotation."""

    id: str
    presentation: str
    menu: tuple[MenuOption, ...]


class Item(Record):
    """One letter to be answered, base or variant, with the case whose options judge it."""

    id: str
    presentation: str
    case: Case

    @cached_property
    def public(self) -> PublicCase:
        """The part that may be shown to agents."""
        menu = tuple(
            MenuOption(number=o.id, category=o.category, text=o.text) for o in self.case.options
        )
        return PublicCase(id=self.id, presentation=self.presentation, menu=menu)


def name_from(text: str) -> str:
    """A suite's name from that of its file or folder."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-._")[:100] or "suite"


class Suite(Record):
    """A named set of cases with their options, and the variants of those cases."""

    info: SuiteInfo
    cases: tuple[Case, ...]
    variants: tuple[Variant, ...] = ()

    def items(self) -> Iterator[Item]:
        """Every letter to be answered: each base case, then its variants in order."""
        by_base: dict[str, list[Variant]] = {}
        for variant in self.variants:
            by_base.setdefault(variant.metadata.base_id, []).append(variant)
        for case in self.cases:
            yield Item(id=case.id, presentation=case.case.presentation, case=case)
            for variant in by_base.get(case.id, ()):
                yield Item(id=variant.id, presentation=variant.prompt, case=case)
