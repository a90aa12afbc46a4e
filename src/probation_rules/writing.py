"""Write files completely or not at all, and never over a file that is being read.

Files are compared by device and inode. So an output that is also an input is found even by another
path, a link or a descriptor.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from attrs import field, frozen

from probation_rules.errors import InputError, Problem
from probation_rules.intake.paths import FileSet

STANDARD_INPUT, STANDARD_OUTPUT = 0, 1  # descriptors

Place = str | Path | int
"""The path of a file, or a descriptor."""


@frozen
class Inputs:
    """Files that are read. An output must not replace them.

    Attributes:
        places: Their paths, without links, and their descriptors.
        several: The folders and patterns among the places, which stand for many files.
        files: The device and inode of each file at the time when this object was made.
    """

    places: tuple[Place, ...]
    several: tuple[FileSet, ...] = ()
    files: frozenset[tuple[int, int]] = field(init=False)

    @files.default
    def _found(self) -> frozenset[tuple[int, int]]:
        return self.now()

    @classmethod
    def of(cls, *places: Place) -> Inputs:
        """Return the files at these places; a relative path is from the current folder.

        Raises:
            CaseError: A folder or pattern does not have a Parquet file.
        """
        found: list[Place] = []
        several: list[FileSet] = []
        for one in places:
            if isinstance(one, int):
                found.append(one)
            elif files := FileSet.at(one):
                several.append(files)
                found += map(_real, files.files())
            else:
                found.append(_real(one))
        return cls(tuple(found), tuple(several))

    def now(self) -> frozenset[tuple[int, int]]:
        """Return the device and inode of each file that is now at one of the places."""
        return frozenset(found for one in self.places if (found := _file_at(one)) is not None)

    def require_not(self, output: Place) -> None:
        """Refuse an output that is one of these files.

        Raises:
            InputError: The output is one of the inputs.
        """
        if _file_at(output) in self.files | self.now():
            name = "standard output" if output == STANDARD_OUTPUT else Path(str(output)).name
            text = "this file is an input, and writing would destroy it; give another name"
            raise InputError([Problem(text, name)])
        if not isinstance(output, int) and any(
            one.would_read(_real(output)) for one in self.several
        ):
            text = "this file would be one of the inputs when they are read again; choose another folder"
            raise InputError([Problem(text, Path(output).name)])


@frozen
class Output:
    """A file to write. It is refused at once if it is an input or not an ordinary file.

    Raises:
        InputError: The file is an input, or is not an ordinary file.
    """

    path: Path
    inputs: Inputs

    def __attrs_post_init__(self) -> None:
        """Refuse a file that must not be replaced, before any work is done."""
        self._require_replaceable()

    @contextmanager
    def replaced(self) -> Iterator[Path]:
        """Yield an empty file to write to. It becomes the output if the block ends without an error.

        For a link, the output is the file that the link points to. A replaced file keeps its
        permissions, and its owner and group if the system allows it. A new file has the permissions
        from the umask.

        Raises:
            InputError: Meanwhile the file has become an input, or is not an ordinary file.
            OSError: The file cannot be written.
        """
        target = Path(_real(self.path))
        before = _stat(target)
        part = target.with_name(f".{uuid4().hex}.part")
        # The new file must not be readable by more people than the file that it replaces.
        mode = 0o666 if before is None else 0o600
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        try:
            yield part
            if before is not None:
                _keep(part, before)
            self._require_replaceable()
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def _require_replaceable(self) -> None:
        found = _stat(self.path)
        if found is not None and not stat.S_ISREG(found.st_mode):
            name = self.path.name or str(self.path)
            raise InputError([Problem("this is not an ordinary file; give another name", name)])
        self.inputs.require_not(self.path)


def _real(path: str | Path) -> str:
    """Return the absolute path without links; for a descriptor's path, that of its file."""
    try:
        return os.path.realpath(path)
    except ValueError:  # not a possible name of a file
        return str(path)


def _file_at(place: Place) -> tuple[int, int] | None:
    """Return the device and inode of the ordinary file at a place, or ``None``."""
    found = _stat(place)
    if found is None or not stat.S_ISREG(found.st_mode):
        return None
    return found.st_dev, found.st_ino


def _stat(place: Place) -> os.stat_result | None:
    try:
        return os.stat(place)  # noqa: PTH116 (a descriptor is not a path)
    except (OSError, ValueError):  # the file does not exist, or its name is not possible
        return None


def _keep(part: Path, before: os.stat_result) -> None:
    """Give a file the permissions of another, and its owner and group if that is allowed."""
    mode, made = stat.S_IMODE(before.st_mode), part.stat()
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        try:
            os.chown(part, before.st_uid, before.st_gid)
        except PermissionError:
            mode &= ~stat.S_IRWXG  # these permissions were for another group
    part.chmod(mode)
