"""What every test runs under: few Hypothesis examples, so that the whole run stays short.

More on demand: `pytest --hypothesis-profile=default`, and `make assure` for the laws of the engines.
"""

from hypothesis import settings

settings.register_profile("short", max_examples=30, deadline=None)
settings.load_profile("short")
