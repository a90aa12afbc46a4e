"""All engines obey the laws in `support/laws.py`, on seeded cases and on cases from Hypothesis."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import LAWS, SEED, Law, areas_of, tables_agree


def every(*laws: Law) -> pytest.MarkDecorator:
    """Return each law with each of its areas, as parameters of a test."""
    return pytest.mark.parametrize(
        ("law", "name"),
        [
            pytest.param(law, name, id=f"{law.__name__}-{name}")
            for law in laws
            for name in areas_of(law)
        ],
    )


@every(*LAWS)
def test_engines_obey_the_law_on_seeded_cases(law: Law, name: str) -> None:
    judged = law(name, Random(SEED), LAWS[law])

    assert judged > LAWS[law] / 3, "most cases were refused: little was tested"


@pytest.mark.parametrize("law", [law for law in LAWS if law is not tables_agree])
@settings(max_examples=30, deadline=None)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_engines_obey_the_law_on_hypothesis_cases(
    law: Law, data: st.DataObject, random: Random
) -> None:
    law(data.draw(st.sampled_from(areas_of(law))), random, 1)
