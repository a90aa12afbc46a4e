"""What every test runs under: few Hypothesis examples, so that the whole run stays short.

More on demand: `pytest --hypothesis-profile=default`, and `make assure` for the laws of the engines.
"""

from hypothesis import settings

settings.register_profile("short", max_examples=30, deadline=None)
# The same cases every time, for `make mutants`.
settings.register_profile("fixed", settings.get_profile("short"), derandomize=True, database=None)
settings.load_profile("short")
