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
# Outer layers may import inner ones, never the other way.
LAYERS = ("language", "rulebook", "engines", "judge", "check", "readers", "caseload", "cli")


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
    with pytest.raises(pr.EngineUnavailable, match=r"needs duckdb.*probation-rules\[table\]"):
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


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("probation_rules."):
            found.add(str(node.module).removeprefix("probation_rules."))
    return found


def test_imports_point_one_way() -> None:
    for place, layer in enumerate(LAYERS):
        one = SOURCE / f"{layer}.py"
        for path in [one] if one.exists() else (SOURCE / layer).rglob("*.py"):
            tops = {name.split(".")[0] for name in imports_of(path)}
            # `check` imports the judge when it first needs one, and the judge never looks back.
            assert not tops & set(LAYERS[place + 1 :]), path


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
