"""docs/exports.md: its columns are those of the CSV file, and its R names no other."""

import re

from primum.evaluation.exports.csv_export import FACTORS, figures
from primum.tests.paths import DOCS

PAGE = (DOCS / "exports.md").read_text(encoding="utf-8")
COLUMNS = {*FACTORS, *(metric.name for metric in figures())}
R_WORDS = set(
    """library lme4 subset read csv factor relevel ref glmer lmer data family binomial exp fixef
    confint method scores d harm f1 teams""".split()
)


def test_the_columns_are_those_of_the_file() -> None:
    shown = re.findall(r"^\| (\w+) \| (.+) \|$", PAGE, re.MULTILINE)[1:]
    assert shown == [(name, meaning) for name, (_, meaning) in FACTORS.items()]


def test_the_mixed_model_names_columns_of_the_file() -> None:
    (code,) = re.findall(r"```r\n(.*?)```", PAGE, re.DOTALL)
    code = re.sub(r'#.*|"[^"]*"', "", code)
    names = set(re.findall(r"[A-Za-z]\w*", code)) - R_WORDS
    assert names <= COLUMNS, names - COLUMNS
    assert {"severe", "F1_weighted", "base_case", "ensemble", "edit"} <= names
