"""Conformance: cases with answers written by hand, to check this library or another engine.

    probation-rules conformance

runs the cases that come with the library. In Python, your own engine is a function from a `Case` to
an `Answer`:

    from probation_rules.conformance import Answer, Case, load_cases, run

    results = run(load_cases(), my_engine)
"""

from probation_rules.conformance.coverage import Coverage, coverage
from probation_rules.conformance.read import FOLDER, Case, load_cases
from probation_rules.conformance.run import (
    Answer,
    Ask,
    Difference,
    Result,
    differences,
    library,
    run,
)

__all__ = [
    "FOLDER",
    "Answer",
    "Ask",
    "Case",
    "Coverage",
    "Difference",
    "Result",
    "coverage",
    "differences",
    "library",
    "load_cases",
    "run",
]
