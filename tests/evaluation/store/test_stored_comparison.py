"""Two ensembles to be held against each other: which study has them, and what there is instead."""

from pathlib import Path

import pytest

from primum.core.errors import DataError, UsageError
from primum.evaluation.store.stored_comparison import study_of_both


def test_the_study_that_has_both_is_found(stored: Path) -> None:
    assert study_of_both(stored, "duo", "ann")


def test_an_ensemble_is_not_held_against_itself(stored: Path) -> None:
    with pytest.raises(
        UsageError, match=r"^duo: the same ensemble twice; name two different ones$"
    ):
        study_of_both(stored, "duo", "duo")


def test_an_unknown_name_is_answered_by_those_there_are(stored: Path) -> None:
    with pytest.raises(DataError) as caught:
        study_of_both(stored, "duo", "dou")
    assert str(caught.value) == (
        f"{stored}: no complete study has dou; there are ann, ben, control:nothing, duo"
    )
