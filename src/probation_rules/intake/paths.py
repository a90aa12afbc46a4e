"""Tables in several Parquet files: a folder or a pattern of names, and the files that it means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from glob import glob
from pathlib import Path

from attrs import frozen

from probation_rules.errors import CaseError, Problem

PARQUET = (".parquet", ".pq")
_WILD = re.compile(r"[*?\[]")
_PARTITION = re.compile(r"[^=]+=")


@frozen
class FileSet:
    """A folder, or a pattern such as `orders/2026-*.parquet`, in which `**` means any folders.

    Attributes:
        root: The folder that is read, as an absolute path without links.
        pattern: The parts of the pattern below it; empty for the whole folder.
        name: The name for messages.
    """

    root: str
    pattern: tuple[str, ...]
    name: str

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> FileSet | None:
        """Return the folder or pattern, or ``None`` if the path is that of one file."""
        text = os.fspath(path)
        is_folder = os.path.isdir(text)  # noqa: PTH112 (`Path` raises if a name is too long)
        if not is_folder and (not _WILD.search(text) or os.path.lexists(text)):
            return None
        whole = os.path.abspath(text)  # noqa: PTH100 (a pattern is not a path)
        parts = Path(whole).parts
        wild = (at for at, one in enumerate(parts) if _WILD.search(one))
        first = len(parts) if is_folder else next(wild, len(parts))
        return cls(os.path.realpath(Path(*parts[:first])), parts[first:], Path(text).name or text)

    def files(self) -> list[str]:
        """Return the Parquet files, sorted by their paths. Hidden files and folders are left out.

        Raises:
            CaseError: No file is a Parquet file, or a file that the pattern matches is not.
        """
        found = {one for place in self._places() for one in _files(place)}
        if not found:
            text = "this folder or pattern does not have a Parquet file; check its name"
            raise CaseError([Problem(text, self.name)])
        if others := [one for one in found if not _is_parquet(one)]:
            text = (
                f"{len(others):,} of {len(found):,} files are not Parquet; choose Parquet files only, "
                "or give one file of another format at a time"
            )
            raise CaseError([Problem(text, self.name)])
        return sorted(found)

    def would_read(self, path: str) -> bool:
        """Whether a file with this real path would be one of the files."""
        whole = Path(path)
        if not (_is_parquet(path) and whole.is_relative_to(self.root)):
            return False
        parts = whole.relative_to(self.root).parts
        return any(_fits(parts[:at], self.pattern) for at in range(len(parts) + 1))

    def _places(self) -> list[str]:
        """Return the folder, or the files and folders that the pattern matches."""
        if not self.pattern:
            return [self.root]
        # Unlike `Path.glob`, this leaves out hidden files and folders.
        found = glob("/".join(self.pattern), root_dir=self.root, recursive=True)  # noqa: PTH207
        return [str(Path(self.root, one)) for one in found]


def has_partitions(several: FileSet, files: Sequence[str]) -> bool:
    """Whether the files are in folders with names such as `region=north`, in the folder that is read."""
    folders = (Path(one).relative_to(several.root).parent.parts for one in files)
    return any(_PARTITION.match(one) for parts in folders for one in parts)


def _is_parquet(path: str) -> bool:
    return Path(path).suffix.lower() in PARQUET


def _files(place: str) -> Iterator[str]:
    """Yield a file, or the Parquet files in a folder and in the folders in it."""
    if os.path.isfile(place):  # noqa: PTH113
        yield place
    for at, folders, names in os.walk(place):
        folders[:] = [one for one in folders if not _is_hidden(one)]
        for name in names:
            if _is_parquet(name) and not _is_hidden(name):
                yield str(Path(at, name))


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a path match those of a pattern."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[at:], pattern[1:]) for at in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])
