"""How Sphinx builds the site; `make docs` runs it."""

from pygments.lexers.special import TextLexer
from pygments.lexers.templates import SqlJinjaLexer
from sphinx.application import Sphinx

project = "probation_rules"
project_copyright = "probation_rules, MIT licence"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
language = "en-GB"

myst_heading_anchors = 3
default_role = "code"  # for text in single backticks in a docstring
autodoc_class_signature = "separated"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_use_unqualified_type_names = True

# A name that leads nowhere is an error. What is left out is Python's own, whose index is on the
# network, and types that the public ones are made of and nobody has to name.
nitpicky = True
nitpick_ignore_regex = [
    (
        r"py:.*",
        r"(attr|collections|datetime|decimal|pathlib|pyarrow)\..*|date|time|Decimal|Path|pa\..*",
    ),
    (
        r"py:.*",
        r"probation_rules\.(language|put_right|engines|judge|tables)\..*|.*Document|Judge|Progress|_Source",
    ),
]

html_theme = "furo"
html_title = "probation_rules"
html_copy_source = False
html_show_sourcelink = False
html_extra_path = ["root"]  # leads from the folder itself to the first page
html_static_path = ["static"]
html_css_files = ["site.css"]


def setup(app: Sphinx) -> None:
    """Name the lexers of code blocks that Pygments has under no such name."""
    app.add_lexer("csv", TextLexer)
    app.add_lexer("sql", SqlJinjaLexer)  # a dbt model is one with braces in it
