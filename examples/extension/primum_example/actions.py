"""A metric, as an extension of its own: `primum --extension primum_example.actions run`.

A metric is computed in every study of a process in which it is loaded.
"""

from primum.extend import HARMS_PER_CASE, AnswerMetric, Definition, Extension

RECOMMENDED = AnswerMetric(
    Definition("example", "the example extension"),
    "Recommended",
    "Options recommended",
    "The number of options that an answer includes, in full or in part.",
    direction="lower",
    unit=HARMS_PER_CASE,
    bounds=(0, None),
    compute=lambda findings: findings.batch.matched.sum(axis=1).astype(float),
)
EXTENSION = Extension(name="example-actions", version="1.0", metrics=(RECOMMENDED,))
