"""Compressed files of text, such as `orders.csv.gz` and `orders.csv.zst`, read as they are unpacked."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from probation_rules.errors import CaseError, MissingExtra, Problem

_BAD = "this file cannot be unpacked: it may be cut off, or have another format than its name"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading. A compressed file is unpacked while it is read.

    The file can be read again from its start, and only from there.

    Raises:
        CaseError: When it is read: the file cannot be unpacked.
        MissingExtra: A file `.zst` needs the extra `table`.
        OSError: The file cannot be opened.
    """
    unpack = _UNPACK.get(path.suffix.lower())
    with path.open("rb") if unpack is None else io.BufferedReader(_Unpacked(path, unpack)) as file:
        yield file


def is_compressed(path: Path | str) -> bool:
    """Whether the name of a file ends in that of a compressed one."""
    return Path(path).suffix.lower() in _UNPACK


def suffix_of(path: Path | str) -> str:
    """Return the suffix of a file's name in lower case: of a compressed file, the one before."""
    path = Path(path)
    return (Path(path.stem) if is_compressed(path) else path).suffix.lower()


def _gzip(path: Path) -> Any:
    return gzip.GzipFile(path)


def _zstd(path: Path) -> Any:
    try:
        arrow = import_module("pyarrow")
    except ModuleNotFoundError:
        text = "a file .zst needs pyarrow, which is not installed here"
        raise MissingExtra(text, "table") from None
    return arrow.input_stream(str(path), compression="zstd")


_Unpack = Callable[[Path], Any]
_UNPACK: dict[str, _Unpack] = {".gz": _gzip, ".zst": _zstd}


class _Unpacked(io.RawIOBase):
    """The content of a compressed file. Its start is the only place to go to."""

    def __init__(self, path: Path, unpack: _Unpack) -> None:
        self._path, self._unpack = path, unpack
        self._content: Any = io.BytesIO()
        self.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("only the start")
        self._content.close()
        self._content = self._unpack(self._path)
        return 0

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._content.read(len(buffer))
        except (OSError, EOFError, ValueError, zlib.error):  # Arrow's errors are among these
            raise CaseError([Problem(_BAD, self._path.name)]) from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._content.close()
        super().close()
