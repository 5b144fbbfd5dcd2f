import hashlib
import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.prompts.render import (
    SEPARATOR,
    folder_digest,
    render,
    substitute,
    template,
    templates_digest,
)

SHIPPED = sorted(
    path.name.removesuffix(".md")
    for path in files("primum.prompts").iterdir()
    if path.name.endswith(".md")
)
ROLES = [name for name in SHIPPED if SEPARATOR in template(name)]
NAMES = ["draft", "menu", "a_1"]
tricky = st.sampled_from(["{{menu}}", "{{draft}}", "{{", "}}", SEPARATOR, "=====", r"\1", r"\g<0>"])
values = st.lists(tricky | st.text(max_size=8), max_size=4).map("".join)
every_role = pytest.mark.parametrize("name", ROLES)


def names_of(text: str) -> set[str]:
    return set(re.findall(r"\{\{(\w+)\}\}", text))


between = st.text("ab {}\n", max_size=6).filter(lambda text: "{{" not in text)


@given(
    st.lists(st.tuples(between, st.sampled_from(NAMES)), max_size=6),
    between,
    st.fixed_dictionaries(dict.fromkeys(NAMES, values)),
)
def test_substitution_is_one_pass(
    pairs: list[tuple[str, str]], end: str, given_values: dict[str, str]
) -> None:
    """Against the twin that never looks into a value: it joins the pieces."""
    text = "".join(f"{before}{{{{{name}}}}}" for before, name in pairs) + end
    plain = "".join(before + given_values[name] for before, name in pairs) + end
    assert substitute(text, {name: given_values[name] for _, name in pairs}) == plain


@pytest.mark.parametrize(
    ("text", "given_values", "named"),
    [
        ("{{draft}}", {}, "draft"),
        ("{{draft}} {{menu}}", {"menu": "m"}, "draft"),
        ("no name", {"draft": "d"}, "draft"),
        ("{{draft}}", {"draft": "d", "menu": "m"}, "menu"),
        ("{{Draft}}", {"draft": "d"}, "Draft"),
    ],
    ids=["missing", "one missing", "unknown", "one unknown", "other spelling"],
)
def test_names_are_strict(text: str, given_values: dict[str, str], named: str) -> None:
    with pytest.raises(KeyError, match=named):
        substitute(text, given_values)


@every_role
def test_role_refuses_a_missing_and_an_unknown_value(name: str) -> None:
    names = sorted(names_of(template(name)))
    good = dict.fromkeys(names, "v")
    for missing in names:
        with pytest.raises(KeyError, match=missing):
            render(name, **{key: "v" for key in names if key != missing})
    with pytest.raises(KeyError, match="stray"):
        render(name, **good, stray="v")


@every_role
@given(data=st.data())
def test_values_are_never_expanded_nor_split(name: str, data: st.DataObject) -> None:
    """Against the twin that cuts the template at its names and puts the values between."""
    text = template(name)
    given_values = {key: data.draw(values, label=key) for key in sorted(names_of(text))}
    parts = []
    for half in text.split(SEPARATOR):
        pieces = re.split(r"\{\{(\w+)\}\}", half)
        pieces[1::2] = [given_values[key] for key in pieces[1::2]]
        parts.append("".join(pieces).strip())
    assert list(render(name, **given_values)) == parts


@every_role
def test_shipped_role_renders(name: str) -> None:
    text = template(name)
    prompt = render(name, **{key: f"<{key}>" for key in names_of(text)})
    assert prompt.system.startswith("Role: ")
    assert {key for key in names_of(text) if f"<{key}>" in "".join(prompt)} == names_of(text)
    assert "{{" not in "".join(prompt)
    assert "=====" not in "".join(prompt)
    assert text.count(SEPARATOR) == 1


def test_every_template_that_ships_is_a_role_or_part_of_a_conversation() -> None:
    assert {name.partition(".")[0] for name in set(SHIPPED) - set(ROLES)} <= {
        "repair",
        "length",
        "judge",
    }
    said = substitute(template("repair.array"), {"reason": "no {{array}} in it"})
    assert said.startswith("Your reply could not be used: no {{array}} in it.")


@every_role
def test_letter_and_menu_reach_the_user_part_only(name: str) -> None:
    values_given = {key: f"<{key}>" for key in names_of(template(name))}
    prompt = render(name, **values_given)
    assert "<instructions>" in prompt.system
    assert "<presentation>" in prompt.user
    for key in values_given.keys() - {"instructions"}:
        assert f"<{key}>" in prompt.user
        assert f"<{key}>" not in prompt.system


def test_the_digest_is_of_every_name_and_text(tmp_path: Path) -> None:
    whole = "".join(f"{name}\0{template(name)}\0" for name in SHIPPED)
    assert templates_digest() == hashlib.sha256(whole.encode()).hexdigest()
    for name in SHIPPED:
        (tmp_path / f"{name}.md").write_text(template(name), encoding="utf-8")
    assert folder_digest(tmp_path) == templates_digest()
    for name in SHIPPED:
        path = tmp_path / f"{name}.md"
        path.write_text(template(name) + " ", encoding="utf-8")
        assert folder_digest(tmp_path) != templates_digest()
        path.write_text(template(name), encoding="utf-8")
