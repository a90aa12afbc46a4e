"""Templates -> HTML: everything escaped, nothing invisible, and no script allowed."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from probation_rules.notebook import visible


def render(template: str, **values: object) -> str:
    """Return a template's page, with its values as plain text whatever they hold."""
    environment = _environment()
    style = environment.get_template("page.css").render().encode()
    digest = b64encode(sha256(style).digest()).decode()
    # The page may show itself and do nothing else: no script, no request, no form.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return environment.get_template(template).render(values, policy=policy)


def _shown(value: object) -> object:
    """Return a value as a template may show it; what is HTML already stays as it is."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return visible(value)


@cache
def _environment() -> Environment:
    return Environment(
        loader=ChoiceLoader(
            [PackageLoader("probation_rules.pages"), PackageLoader("probation_rules.areas", ".")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
