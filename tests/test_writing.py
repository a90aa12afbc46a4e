"""A file is written completely or not at all, keeps its mode and link, and never replaces an input."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.dataset as ds  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner, Result

import probation_rules as pr
from probation_rules.cli.program import root
from probation_rules.writing import Inputs, Output

ON = date(2026, 1, 15)
CASES = b"reference,order_type,sentence_date\nEX-1,community_order,2025-03-03\n"
REFUSED = "this file is an input, and writing would destroy it; give another name"
NOT_READ = Inputs.of()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a file of one case."""
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_bytes(CASES)
    return tmp_path


# --- An input is not replaced -------------------------------------------------------------------


def as_named(name: str) -> str:
    return name


def as_another_path(name: str) -> str:
    Path("folder").mkdir()
    return f"folder/../{name}"


def as_absolute(name: str) -> str:
    return str(Path(name).absolute())


def as_hard_link(name: str) -> str:
    Path("hard.csv").hardlink_to(name)
    return "hard.csv"


def as_link(name: str) -> str:
    Path("link.csv").symlink_to(name)
    return "link.csv"


def as_link_to_link(name: str) -> str:
    Path("first.csv").symlink_to(name)
    Path("second.csv").symlink_to(Path("first.csv").absolute())
    return "second.csv"


def in_linked_folder(name: str) -> str:
    Path("linked").symlink_to(Path().absolute())
    return f"linked/{name}"


def as_renamed(name: str) -> str:
    Path(name).rename("renamed.csv")
    return "renamed.csv"


WAYS = [
    *(as_named, as_another_path, as_absolute, as_hard_link, as_link, as_link_to_link),
    *(in_linked_folder, as_renamed),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_table_does_not_replace_the_file_it_is_read_from(way: Callable[[str], str]) -> None:
    table = pr.check_table("unpaid-work", "orders.csv", on=ON)
    name = way("orders.csv")
    with pytest.raises(pr.InputError) as refused:
        table.write(name)
    assert str(refused.value) == f"{REFUSED} @ {Path(name).name}"
    assert Path(name).read_bytes() == CASES
    table.write("outcomes.csv")
    assert Path("outcomes.csv").read_bytes() != CASES


def test_an_input_that_is_read_by_a_link_is_not_replaced_by_its_name() -> None:
    table = pr.check_table("unpaid-work", as_link("orders.csv"), on=ON)
    with pytest.raises(pr.InputError, match=REFUSED):
        table.write("orders.csv")
    assert Path("orders.csv").read_bytes() == CASES


def test_an_input_that_is_read_by_a_descriptor_is_not_replaced() -> None:
    with Path("orders.csv").open("rb") as file:
        Path("descriptor.csv").symlink_to(f"/dev/fd/{file.fileno()}")
        table = pr.check_table("unpaid-work", "descriptor.csv", on=ON)
    with pytest.raises(pr.InputError, match=REFUSED):
        table.write("orders.csv")
    assert Path("orders.csv").read_bytes() == CASES


def test_an_input_is_not_replaced_from_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pr.check_table("unpaid-work", "orders.csv", on=ON)
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    with pytest.raises(pr.InputError, match=REFUSED):
        table.write("../orders.csv")
    table.write("orders.csv")  # the same name, but another file
    assert Path("../orders.csv").read_bytes() == CASES


def test_a_newer_version_of_an_input_is_not_replaced() -> None:
    table = pr.check_table("unpaid-work", "orders.csv", on=ON)
    Path("new.csv").write_bytes(CASES)
    Path("new.csv").replace("orders.csv")
    with pytest.raises(pr.InputError, match=REFUSED):
        table.write("orders.csv")
    assert Path("orders.csv").read_bytes() == CASES


def test_neither_members_nor_a_data_set_are_replaced() -> None:
    pq.write_table(pa.table({"reference": ["EX-1"]}), "pods.parquet")
    Path("members.csv").write_bytes(b"pod,grade\nEX-1,PO\n")
    pods = ds.dataset("pods.parquet")
    table = pr.check_table("pod", pods, on=ON, members="members.csv")
    for name in ("pods.parquet", "members.csv"):
        before = Path(name).read_bytes()
        with pytest.raises(pr.InputError, match=REFUSED):
            table.write(name)
        assert Path(name).read_bytes() == before


def test_a_table_in_memory_does_not_have_an_input_file() -> None:
    table = pr.check_table("unpaid-work", pa.table({"reference": ["EX-1"]}), on=ON)
    table.write("orders.csv")
    assert Path("orders.csv").read_bytes() != CASES


# --- By the command -----------------------------------------------------------------------------


def process(*arguments: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    """Run the command with its own descriptors."""
    line = [sys.executable, "-m", "probation_rules", *arguments]
    return subprocess.run(
        line,
        check=False,
        text=True,
        **{"stdout": subprocess.PIPE, **streams},
        stderr=subprocess.PIPE,
    )


def command(*arguments: str) -> Result:
    return CliRunner().invoke(root, arguments, catch_exceptions=False)


CHECK = ("check", "unpaid-work")
DAY = ("--on", str(ON))


@pytest.mark.parametrize(
    ("arguments", "file", "output"),
    [
        ((*CHECK, "--format", "csv"), "-", "orders.csv"),
        (CHECK, "-", "hard.csv"),
        (CHECK, "-", "/dev/stdin"),
        (CHECK, "/dev/fd/0", "orders.csv"),
        (("calendar", "unpaid-work"), "-", "hard.csv"),
    ],
)
def test_standard_input_is_not_replaced(arguments: tuple[str, ...], file: str, output: str) -> None:
    as_hard_link("orders.csv")
    with Path("orders.csv").open("rb") as stdin:
        done = process(*arguments, file, *DAY, "--output", output, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {REFUSED} @ {Path(output).name}\n"
    assert Path("orders.csv").read_bytes() == CASES


@pytest.mark.parametrize("arguments", [CHECK, ("calendar", "unpaid-work")])
def test_standard_output_is_not_written_over_an_input(arguments: tuple[str, ...]) -> None:
    with Path("orders.csv").open("r+b") as stdout:  # in a shell `1<>orders.csv`
        done = process(*arguments, "orders.csv", *DAY, stdout=stdout)
    assert done.returncode == 2
    assert done.stderr == f"error: {REFUSED} @ standard output\n"
    assert Path("orders.csv").read_bytes() == CASES


@pytest.mark.parametrize("way", WAYS[:-1])
@pytest.mark.parametrize("read", ["orders.csv", "north.toml", "names.toml", "members.csv"])
def test_no_file_that_a_command_reads_is_replaced(read: str, way: Callable[[str], str]) -> None:
    Path(read).write_bytes(CASES)
    Path("names.toml").write_text('reference = "reference"', encoding="utf-8")
    before = Path(read).read_bytes()
    options = {
        "orders.csv": (),
        "north.toml": ("--rulebook", "north.toml"),
        "names.toml": ("--map", "names.toml"),
        "members.csv": ("--members", "members.csv"),
    }[read]
    done = command(*CHECK, "orders.csv", *DAY, *options, "--output", name := way(read))
    assert done.exit_code == 2
    assert done.stderr == f"error: {REFUSED} @ {Path(name).name}\n"
    assert Path(read).read_bytes() == before


# --- Complete or not at all, with the mode and the link of the replaced file --------------------------


def by_output(path: Path) -> None:
    with Output(path, NOT_READ).replaced() as part:
        part.write_text("new", encoding="utf-8")


def by_table(path: Path) -> None:
    pr.check_table("unpaid-work", "orders.csv", on=ON).write(path)


def by_command(path: Path) -> None:
    assert command(*CHECK, "orders.csv", *DAY, "--output", str(path)).exit_code == 0


writers = pytest.mark.parametrize("write", [by_output, by_table, by_command])


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode_of(path: str) -> str:
    return f"{Path(path).stat().st_mode & 0o7777:o}"


@writers
@pytest.mark.parametrize("mode", ["600", "640", "666", "400"])
def test_a_file_keeps_its_mode(write: Callable[[Path], None], mode: str) -> None:
    old = Path("old.csv")
    old.write_text("old", encoding="utf-8")
    old.chmod(int(mode, 8))
    write(old)
    assert old.read_text(encoding="utf-8") != "old"
    assert mode_of("old.csv") == mode


@writers
@pytest.mark.parametrize(("mask", "mode"), [(0o022, "644"), (0o077, "600"), (0o002, "664")])
def test_a_new_file_follows_the_umask(write: Callable[[Path], None], mask: int, mode: str) -> None:
    with umask(mask):
        write(Path("new.csv"))
    assert mode_of("new.csv") == mode


@writers
@pytest.mark.parametrize("before", ["old", None])
def test_a_link_stays_a_link(write: Callable[[Path], None], before: str | None) -> None:
    Path("store").mkdir()
    target, link = Path("store/kept.csv"), Path("link.csv")
    link.symlink_to(target)
    if before:
        target.write_text(before, encoding="utf-8")
        target.chmod(0o600)
    write(link)
    assert link.is_symlink()
    assert link.readlink() == target
    assert target.read_text(encoding="utf-8") != before
    assert not before or mode_of("store/kept.csv") == "600"
    assert [one.name for one in Path("store").iterdir()] == ["kept.csv"]


@pytest.mark.parametrize("mode", [0o600, None])
def test_a_half_written_file_is_hidden_and_then_removed(mode: int | None) -> None:
    old = Path("old.csv")
    if mode:
        old.write_text("old", encoding="utf-8")
        old.chmod(mode)
    before = sorted(Path().iterdir())

    def interrupted() -> None:
        with Output(old, NOT_READ).replaced() as part:
            assert part.name.startswith(".")
            assert mode_of(str(part)) == ("600" if mode else "666")
            part.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with umask(0), pytest.raises(KeyboardInterrupt):
        interrupted()
    assert sorted(Path().iterdir()) == before
    assert not mode or old.read_text(encoding="utf-8") == "old"


def test_a_file_that_has_become_an_input_meanwhile_is_not_replaced() -> None:
    output = Output(Path("out.csv"), Inputs.of("orders.csv"))
    with pytest.raises(pr.InputError, match=REFUSED), output.replaced():
        Path("out.csv").symlink_to("orders.csv")
    assert Path("orders.csv").read_bytes() == CASES
    assert sorted(path.name for path in Path().iterdir()) == ["orders.csv", "out.csv"]


def test_a_long_name_leaves_room_for_the_half_written_file() -> None:
    name = Path("n" * 251 + ".csv")
    by_table(name)
    assert name.exists()


@pytest.mark.parametrize("allowed", [True, False])
def test_the_owner_and_group_of_a_file_are_kept(
    monkeypatch: pytest.MonkeyPatch, *, allowed: bool
) -> None:
    """If the group cannot be kept, it loses its permissions: another group would get them."""
    old = Path("old.csv")
    old.write_text("old", encoding="utf-8")
    old.chmod(0o660)
    own = old.stat()
    given: list[tuple[int, int]] = []

    def chown(_: Path, user: int, group: int) -> None:
        if not allowed:
            raise PermissionError
        given.append((user, group))

    def of_another(_: Path) -> os.stat_result:
        found = list(own)
        found[4] += 1  # the user
        return os.stat_result(found)

    with monkeypatch.context() as patch:
        patch.setattr(os, "chown", chown)
        patch.setattr(Path, "stat", of_another)
        by_output(old)
    assert given == ([(own.st_uid, own.st_gid)] if allowed else [])
    assert mode_of("old.csv") == ("660" if allowed else "600")


@pytest.mark.parametrize("name", [".", "folder.csv", "/dev/null"])
def test_only_an_ordinary_file_is_replaced(name: str) -> None:
    Path("folder.csv").mkdir()
    with pytest.raises(pr.InputError, match="this is not an ordinary file"):
        Output(Path(name), NOT_READ)
