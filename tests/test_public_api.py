"""The names people import, what importing costs, and which way imports point."""

from __future__ import annotations

import ast
import inspect
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
    ("document", "json_text", "notebook", "put_right", "explanation", "history", "writing"),
    ("report",),
    ("judge", "check"),
    ("diary", "schema", "replay", "causes", "comparison", "conformance"),
    ("readers",),
    ("tables",),
    ("__init__",),
    ("caseload",),
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
    assert set(pr.__all__) <= set(dir(pr))


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
        "import probation_rules.check, probation_rules.rulebook.book, probation_rules.explanation;"
        "import probation_rules as pr;"
        "assert all(map(callable, (pr.check, pr.rulebook, pr.explain, pr.case_from)))"
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
    """What a module imports of the library, for type checkers only too, and inside functions."""
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


# Those that are about certain areas: the public names, the made-up caseload, other systems' data.
ABOUT_AREAS = ("__init__.py", "_areas.py", "areas/", "cli/demo.py", "readers/")


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
