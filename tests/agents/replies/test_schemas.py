"""agents/replies/schemas.py: what an endpoint is asked to bind a reply to, and how that is read."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.agents.replies.menu import dump_grades, parse_choice, parse_grades
from primum.agents.replies.reader import Reader
from primum.agents.replies.schemas import BoundForm, choice_form, grades_form, objections_form
from primum.tests.agents.replies.portable import require_portable

OPTIONS = (1, 2, 7)
YES = {"GradeAI": "Appropriate", "Rationale": "It helps."}
NO = {"GradeAI": "Inappropriate", "Rationale": 'It "hurts" \u2265 2.'}
WHOLE = {"1": YES, "2": NO, "7": YES}
FORMS = (grades_form(OPTIONS), objections_form(OPTIONS), choice_form(3))
MISFITS: list[tuple[BoundForm, Any]] = [
    (FORMS[0], {"1": YES, "2": NO}),
    (FORMS[0], {**WHOLE, "3": YES}),
    (FORMS[0], {**WHOLE, "1": {**YES, "GradeAI": "appropriate"}}),
    (FORMS[0], {**WHOLE, "1": {"GradeAI": "Appropriate"}}),
    (FORMS[0], [{"Option": 1, **YES}]),
    (FORMS[1], {"changes": [{"Option": 3, **YES}]}),
    (FORMS[1], {"changes": [{"Option": "1", **YES}]}),
    (FORMS[1], {}),
    (FORMS[2], {"Draft": 4, "Rationale": ""}),
    (FORMS[2], {"Draft": 1}),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_endpoint_takes_the_schema(form: BoundForm) -> None:
    require_portable(form.schema)
    sent: Any = form.response_format
    assert sent["type"] == "json_schema"
    assert sent["json_schema"] == {"name": form.name, "strict": True, "schema": form.schema}


@pytest.mark.parametrize(("form", "reply"), MISFITS)
def test_the_schema_leaves_no_other_reply(form: BoundForm, reply: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(reply, form.schema)


GRADES = st.dictionaries(
    st.integers(1, 60),
    st.tuples(st.sampled_from(["Appropriate", "Inappropriate"]), st.text(max_size=20)),
    min_size=1,
)


@settings(deadline=None)
@given(GRADES)
def test_a_bound_answer_has_the_grades_of_the_same_answer_in_words(given: Any) -> None:
    options = tuple(given)
    bound = {str(n): {"GradeAI": grade, "Rationale": why} for n, (grade, why) in given.items()}
    asked = [{"Option": n, "GradeAI": g, "Rationale": why} for n, (g, why) in given.items()]
    form = grades_form(options)
    jsonschema.validate(bound, form.schema)
    text = form.read(json.dumps(bound))
    assert text
    read = parse_grades(text, options, complete=True, reader=Reader.STRICT)
    assert read == parse_grades(json.dumps(asked), options, complete=True, reader=Reader.STRICT)
    assert json.loads(dump_grades(read.value)) == asked


def test_a_bound_critique_may_change_nothing() -> None:
    form = objections_form(OPTIONS)
    assert form.read('{"changes": []}') == "[]"
    text = form.read(json.dumps({"changes": [{"Option": 2, **NO}]}))
    assert text
    assert [
        g.option for g in parse_grades(text, OPTIONS, complete=False, reader=Reader.STRICT).value
    ] == [2]


def test_a_bound_choice_is_read_as_it_is() -> None:
    text = choice_form(3).read('{"Draft": 2, "Rationale": "It is whole."}')
    assert text
    assert parse_choice(text, 3, Reader.STRICT).value == 2


NOT_BOUND = [
    "",
    "I would give option 1.",
    json.dumps([{"Option": n, **YES} for n in OPTIONS]),
    "```json\n" + json.dumps(WHOLE) + "\n```",
    json.dumps({"1": YES, "2": NO}),
    json.dumps({**WHOLE, "1": "Appropriate"}),
    json.dumps({**WHOLE, "1": {"Option": 2, **YES}}),
    json.dumps(WHOLE).replace('"7"', '"1"'),
    '{"1": {}, "1": {}, "2": {}, "7": {}}',
    "[" * 5_000,
]


@pytest.mark.parametrize("text", NOT_BOUND)
def test_what_has_not_the_form_is_left_to_the_reader(text: str) -> None:
    assert grades_form(OPTIONS).read(text) is None
