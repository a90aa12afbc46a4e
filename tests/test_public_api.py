"""The names people import, what importing costs, and which way imports point."""

from __future__ import annotations

import ast
import doctest
import inspect
import pydoc
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import probation_rules as pr
from probation_rules.areas import AREAS

SOURCE = Path(pr.__file__).parent
# Each layer may import itself and those above it in this list. An area's `listing`, `page` and `command`
# are for people: they belong to a layer of their own, and are imported by name when they are needed.
LAYERS = (
    ("errors", "quoting", "_areas", "_version"),
    ("language",),
    ("rulebook", "areas"),
    ("engines",),
    ("cases", "intake"),
    (
        "document",
        "change_document",
        "json_text",
        "notebook",
        "put_right",
        "explanation",
        "history",
        "writing",
    ),
    ("report",),
    ("judge", "_check"),
    ("diary", "schema", "_replay", "conformance"),
    ("readers",),
    ("tables",),
    ("comparison",),
    ("__init__",),
    ("framework", "curfew", "spark"),
    ("caseload",),
    ("web",),
    ("cli", "__main__"),
    ("views of areas",),
)
VIEWS = ("listing", "page", "command")


def test_every_public_name_exists_and_says_what_it_is() -> None:
    silent = [
        name for name in dir(pr) if name != "__version__" and not inspect.getdoc(getattr(pr, name))
    ]
    assert silent == []


def test_the_classes_of_every_area_are_public_names() -> None:
    classes = [
        kind for spec in AREAS.values() for kind in (spec.case, spec.items, *spec.records.values())
    ]
    public = [getattr(pr, kind.__name__, None) for kind in classes]
    assert public == [None if kind is SimpleNamespace else kind for kind in classes]


def test_the_names_that_type_checkers_know_are_public_names() -> None:
    names = {
        name
        for node in ast.walk(ast.parse((SOURCE / "__init__.py").read_text("utf-8")))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for name in ast.literal_eval(node.value)
    }
    assert names == set(dir(pr))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute `chek`"):
        pr.chek  # noqa: B018


def test_what_needs_an_extra_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError(name="duckdb")

    monkeypatch.delitem(vars(pr), "check_table", raising=False)
    monkeypatch.setattr(pr, "import_module", missing)
    with pytest.raises(pr.MissingExtra, match=r"needs duckdb.*probation-rules\[table\]"):
        pr.check_table  # noqa: B018


def test_a_fault_inside_the_library_is_not_taken_for_a_missing_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(vars(pr)["_LATER"], "lost", "probation_rules.lost")
    with pytest.raises(ModuleNotFoundError, match=r"probation_rules\.lost"):
        pr.lost  # noqa: B018


def test_functions_stay_functions_after_their_modules_are_imported() -> None:
    code = (
        "import probation_rules._check, probation_rules._replay, probation_rules.rulebook.book, probation_rules.explanation;"
        "import probation_rules as pr;"
        "assert all(map(callable, (pr.check, pr.rulebook, pr.explain, pr.case_from, pr.replay)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_library_loads_nothing_heavy() -> None:
    code = "import sys, probation_rules; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())

    heavy = {
        "cattrs", "click", "rich", "json", "duckdb", "sqlglot", "pyarrow", "pyspark", "durable",
        "probation_rules.rulebook.load", "probation_rules.report",
    }  # fmt: skip
    assert not heavy & loaded


def modules() -> dict[str, Path]:
    """The library's modules by dotted name, such as `language.parse`; itself is `__init__`."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "__init__"] = path
    return found


def imports_of(path: Path) -> set[str]:
    """The library's modules that a module imports, also inside functions or only for type checkers."""
    known, found = modules(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("probation_rules"):
            package = str(node.module).removeprefix("probation_rules").removeprefix(".")
            for name in (one.name for one in node.names):
                whole = f"{package}.{name}" if package else name
                found.add(whole if whole in known else package or "__init__")
        elif isinstance(node, ast.Import):
            found |= {"__init__" for one in node.names if one.name == "probation_rules"}
    return found


def layer_of(module: str) -> int:
    top, *_, last = module.split(".") * 2
    unit = "views of areas" if top == "areas" and last in VIEWS else top
    (place,) = (place for place, units in enumerate(LAYERS) if unit in units)
    return place


def test_every_import_points_to_the_same_layer_or_one_above() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        for name in imports_of(path)
        if layer_of(name) > layer_of(module)
    ]
    assert wrong == []


def test_no_module_imports_itself_through_others() -> None:
    imports = {module: imports_of(path) - {module} for module, path in modules().items()}
    while free := {module for module, names in imports.items() if not names & imports.keys()}:
        imports = {module: names for module, names in imports.items() if module not in free}
    assert imports == {}


def test_no_area_imports_another() -> None:
    for path in (SOURCE / "areas").glob("*/*.py"):
        own = f"areas.{path.parent.name}"
        areas = [name for name in imports_of(path) if name.startswith("areas.")]
        assert all(name.startswith(own) for name in areas), path


def test_the_code_of_an_area_that_prepares_facts_imports_types_only() -> None:
    inner = ("errors", "rulebook.toml_schema", "rulebook.model", "rulebook.spec")
    for spec in AREAS.values():
        folder = SOURCE / "areas" / spec.name.replace("-", "_")
        for path in (folder / "__init__.py", folder / "case.py", folder / "prepare.py"):
            if path.exists():
                own = f"areas.{folder.name}."
                assert all(one.startswith((own, *inner)) for one in imports_of(path)), path


# Those that are about certain areas: the public names, the made-up caseload, the pages to fill in, other
# systems' data.
ABOUT_AREAS = (
    "__init__.py",
    "_areas.py",
    "framework.py",
    "curfew.py",
    "areas/",
    "cli/demo.py",
    "web/pages/",
    "readers/",
)


def test_only_an_area_names_itself() -> None:
    of_areas = {*AREAS, *(spec.folder for spec in AREAS.values())}
    naming = {}
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        if not name.startswith(ABOUT_AREAS):
            tree = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
            used = {node.value for node in tree if isinstance(node, ast.Constant)}
            used |= {node.id for node in tree if isinstance(node, ast.Name)}
            used |= {one.split(".")[1] for one in imports_of(path) if one.startswith("areas.")}
            naming[name] = used & of_areas
    assert len(naming) > 50
    assert {name: used for name, used in naming.items() if used} == {}


USED_BY_DOCS = {"probation_rules", *(f"probation_rules.{one}" for one in (
    "framework", "curfew", "schema", "web", "errors", "comparison.books", "report", "conformance",
    "language.dates"))}  # fmt: skip


def test_the_public_functions_are_few_and_none_is_hidden_by_a_module() -> None:
    functions = {name for name in dir(pr) if inspect.isfunction(getattr(pr, name))}
    assert functions == {
        "case_from", "check", "check_table", "checker", "compare", "compare_tables", "due_dates", "explain", "read",
        "replay", "rulebook", "sql",
    }  # fmt: skip
    files = {name for name in functions if (SOURCE / f"{name}.py").exists()}
    assert files == set()


def test_examples_and_pages_import_public_names_only() -> None:
    root = SOURCE.parent.parent
    texts = {path: path.read_text(encoding="utf-8") for path in (root / "examples").glob("*.py")}
    for path in (root / "docs").glob("*.md"):
        examples = doctest.DocTestParser().get_examples(path.read_text(encoding="utf-8"))
        texts[path] = "".join(one.source for one in examples)
    private = []
    for path, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("probation_rules") and module not in USED_BY_DOCS:
                private.append(f"{path.name}: {module}")
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "pr":
                private += [] if node.attr in dir(pr) else [f"{path.name}: pr.{node.attr}"]
    assert private == []


def test_the_help_fits_on_two_screens() -> None:
    text = pydoc.plain(pydoc.render_doc(pr))
    assert len(text.splitlines()) <= 100
    lines = text.split("PACKAGE CONTENTS")[0].splitlines()
    described = {line.split()[0] for line in lines if line.startswith(" " * 8)}
    assert {name for name in dir(pr) if inspect.isfunction(getattr(pr, name))} <= described
