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

    Scores 1, 2, 3: severe, moderate, mild harm if done. Scores 7, 8, 9: mild, moderate, severe
    harm if left out. Scores 4 to 6: uncertain. `reason` and `guideline` are additions to the
    published layout.
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
        """The group of alternatives that the option belongs to, of which one is enough."""
        return self.abstraction if self.abstraction_type == "alternative" else None


class Group(Record):
    """A named group of options; how many of them are wanted is stored, but not scored."""

    name: Text
    pick_count: int | None = None
    pick_type: Literal["exact", "min", "max", "any", "all"] | None = None


class ConsultHarm(Record):
    """The published harm label of a consult; harm is decided by scores, not by this label."""

    type: str | None = None
    severity: str | None = None


class Consult(Record):
    """A referral that the specialists considered necessary."""

    type: str | None = None
    specialty: str | None = None
    urgency: str | None = None
    harm: ConsultHarm | None = None
    option_id: int | None = None


class SpecialistConsult(Record):
    """The referrals of a case."""

    consults: tuple[Consult, ...] = ()


class Consultation(Record):
    """The primary care doctor's presentation, and the plan that the specialists wrote back."""

    presentation: Text
    recommendations: str | None = None


class Case(Record):
    """One consultation with its annotated options. Never shown to an agent, unlike PublicCase.

    The id's prefix names the specialty: All, Card, Derm, Endo, GI, Heme, ID, Nephro, Neuro, Pulm;
    any other id is of the specialty "Other". Specialties are the strata of the resampling.
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
    """Which case a variant edits, and how. In files its field names are snake_case."""

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
    """Description of a suite; the notice is shown wherever figures from the suite are shown."""

    name: Identifier
    version: str = "0"
    synthetic: bool = False
    licence: str = "unknown"
    citation: str = ""
    notice: str = ""

    @property
    def warning(self) -> str:
        """The notice, preceded by a warning if the cases are synthetic."""
        if self.synthetic and not self.notice.startswith("SYNTHETIC"):
            return f"SYNTHETIC: the cases are invented. {self.notice}".strip()
        return self.notice


class MenuOption(NamedTuple):
    """One numbered line of a menu: the part of an option that an agent may see."""

    number: int
    category: str
    text: str


class PublicCase(Record):
    """The part of an item that an agent may see: presentation and menu, never an annotation."""

    id: str
    presentation: str
    menu: tuple[MenuOption, ...]


class Item(Record):
    """A base case or variant to be answered, with the case whose options score the answer."""

    id: str
    presentation: str
    case: Case

    @cached_property
    def public(self) -> PublicCase:
        """The part that agents may see."""
        menu = tuple(
            MenuOption(number=o.id, category=o.category, text=o.text) for o in self.case.options
        )
        return PublicCase(id=self.id, presentation=self.presentation, menu=menu)


def name_from(text: str) -> str:
    """A valid suite name made from the name of a file or folder."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-._")[:100] or "suite"


class Suite(Record):
    """A named set of cases with their options, and the variants of those cases."""

    info: SuiteInfo
    cases: tuple[Case, ...]
    variants: tuple[Variant, ...] = ()

    def items(self) -> Iterator[Item]:
        """Every item of the suite: each base case, followed by its variants in order."""
        by_base: dict[str, list[Variant]] = {}
        for variant in self.variants:
            by_base.setdefault(variant.metadata.base_id, []).append(variant)
        for case in self.cases:
            yield Item(id=case.id, presentation=case.case.presentation, case=case)
            for variant in by_base.get(case.id, ()):
                yield Item(id=variant.id, presentation=variant.prompt, case=case)
