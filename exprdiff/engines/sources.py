"""Tables that DuckDB reads: files of several formats, and standard input."""

from __future__ import annotations

import csv
import os
import re
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from glob import glob
from io import FileIO, RawIOBase
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..errors import FileError, UsageError, shorten, visible
from ..render import library
from ..render.dialects import DIALECTS
from ..streams import separator_of
from ..tables import FORMATS, number_type
from .progress import on_terminal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ..tables import Plan

#: How a column is called in SQL.
column = DIALECTS["duckdb"].name

#: The formats that are text.
TEXTS = ("csv", "tsv", "json")

#: The suffixes of compressed files, with the names of the methods.
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}

#: What files begin with that are compressed, or no text.
MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",
}

#: How much of a stream is read at once, in bytes; and the longest head of a table.
BLOCK, LONGEST_HEAD, BUFFER = 1 << 18, 1 << 21, 1 << 22

#: What stands in an error that a query raises on purpose.
OURS = "exprdiff|"


def format_of(path: str) -> tuple[str | None, str | None]:
    """The format and the compression that the name of a file tells."""
    path, compression = path.lower(), None
    for suffix, method in COMPRESSIONS.items():
        if path.endswith(suffix):
            path, compression = path.removesuffix(suffix), method
    formats = (name for name, suffixes in FORMATS.items() if path.endswith(suffixes))
    return next(formats, None), compression


def quoted(text: str) -> str:
    """A text in SQL.

    Raises:
        FileError: it is the name of a file that SQL cannot have.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FileError(f"the name '{shorten(text)}' is not UTF-8") from None
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Sequence[str]) -> str:
    """A list of texts in SQL."""
    return f"[{', '.join(map(quoted, texts))}]"


def files(pattern: str) -> list[str]:
    """The files that a pattern names, in order; of a folder, all that are in it.

    Raises:
        FileError: there is none.
        UsageError: it is elsewhere.
    """
    if os.path.isdir(pattern):
        found = [
            os.path.join(folder, name)
            for folder, _, names in os.walk(pattern)
            for name in names
            if not name.startswith((".", "_"))
        ]
    elif os.path.exists(pattern):
        found = [pattern]
        if not os.path.isfile(pattern):
            raise UsageError(
                f"'{shorten(pattern)}' is no ordinary file; what can be read but once"
                " goes to standard input, with --table -"
            )
    else:
        found = [path for path in glob(pattern, recursive=True) if os.path.isfile(path)]
    if found:
        return sorted(found)
    if re.match(r"\w+://", pattern):
        raise UsageError(
            f"'{shorten(pattern)}' is no file of this machine; for what is elsewhere"
            " there is --engine spark"
        )
    raise FileError(f"cannot read '{shorten(pattern)}': there is no such file")


class Source:
    """A table that is read.

    Args:
        connection: of DuckDB.
        where: what messages call the table.
    """

    format: str
    #: Whether it can be read again.
    again = True
    #: How large it is, if that is known: so many rows, or bytes.
    rows: int | None = None
    bytes: int | None = None

    def __init__(self, connection: DuckDBPyConnection, where: str) -> None:
        self.connection = connection
        self.where = where
        self.columns: list[str] = []
        self._types: dict[str, str] = {}

    def types(self, select: str) -> dict[str, str]:
        """The columns of a SELECT, and of which types they are."""
        rows = self.connection.execute(f"DESCRIBE {select}").fetchall()
        return {row[0]: row[1] for row in rows}

    def describe(self, select: str) -> None:
        """Ask for the columns of a SELECT, and of which types they are."""
        self._types = self.types(select)
        self.columns = list(self._types)

    def points(self, plan: Plan, same: bool) -> tuple[str, dict[str, str]]:
        """A SELECT of all columns, and of numbers for the variables.

        Args:
            plan: the columns of the variables.
            same: whether the rows get the format that they have here, so that cells can
                stay as they are.

        Returns:
            The SELECT, and which of its columns are the variables.

        Raises:
            UsageError: a column has no numbers.
        """
        for name in plan.variables.values():
            number_type(name, self._types[name], self.where)
        return self._select(plan, same)

    def _select(self, plan: Plan, same: bool) -> tuple[str, dict[str, str]]:
        raise NotImplementedError

    @property
    def read(self) -> int:
        """How many bytes have been read, of what has no size."""
        return 0

    def check(self) -> None:
        """Make sure that all of it has been read.

        Raises:
            FileError: it could not be.
        """

    def close(self) -> None:
        """Read no more."""


class Separated(Source):
    """CSV or TSV: its head is read here, all else by DuckDB.

    Args:
        paths: the files,
        separator: and what is between their columns; by default what the head says.
        compression: how they are compressed.
        stream: or standard input, of which these are the only rows there will be.
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        where: str,
        paths: Sequence[str],
        separator: str | None,
        compression: str | None = None,
        stream: Stream | None = None,
    ) -> None:
        super().__init__(connection, where)
        self._stream, self._paths = stream, paths
        self.several = len(paths) > 1
        self._compression = compression
        if stream is not None:
            self.again = False
            self._head(stream.head(), where, separator)
            self._paths = [stream.pipe()]
            return
        for path in paths:
            line = (
                "delim='\\x01', quote='', escape='', header=false, auto_detect=false,"
                f" columns={{'head': 'VARCHAR'}}{self._compressed()}"
            )
            found = connection.execute(
                f"SELECT head FROM read_csv({quoted(escaped(path))}, {line}) LIMIT 1"
            ).fetchall()
            one = where if len(paths) == 1 else f"'{shorten(path)}'"
            self._head(found[0][0] if found else None, one, separator)
        self.bytes = sum(map(os.path.getsize, paths))

    def _head(self, line: str | None, where: str, separator: str | None) -> None:
        """Read the names of the columns, which all files have to have."""
        if line is None or not line.strip():
            raise UsageError(f"{where} has no first line with the names of columns")
        self.separator = separator or separator_of(line)
        self.format = "tsv" if self.separator == "\t" else "csv"
        reader = csv.reader([line], delimiter=self.separator, strict=True)
        try:
            names = next(reader)
        except csv.Error:
            raise UsageError(f"line 1 of {where} is no head of a table") from None
        for k, name in enumerate(names, 1):
            if not name.strip():
                raise UsageError(f"column {k} of {where} has no name")
        if self.columns and names != self.columns:
            raise _others(where)
        self.columns = names

    def _compressed(self) -> str:
        return f", compression={quoted(self._compression)}" if self._compression else ""

    def read_csv(self, types: Mapping[int, str], guess: bool = False) -> str:
        """The table as DuckDB reads it: its columns are c0, c1 and so on.

        Args:
            types: those of some columns.
            guess: whether the others have the type that they look like; else they are
                texts.
        """
        names = [f"c{k}" for k, _ in enumerate(self.columns)]
        columns, chosen = "", {c: types.get(k, "VARCHAR") for k, c in enumerate(names)}
        if guess:
            columns = f"names={listed(names)}, sample_size=-1"
            chosen = {f"c{k}": type for k, type in types.items()}
        if chosen:
            structure = ", ".join(f"'{c}': '{type}'" for c, type in chosen.items())
            way = ", types=" if guess else "auto_detect=false, columns="
            columns += f"{way}{{{structure}}}"
        # With DuckDB's own size, much would have to go into a pipe before any came out.
        size = f", buffer_size={BUFFER}" if self._stream else ""
        return (
            f"read_csv({listed([*map(escaped, self._paths)])}, header=false,"
            f" skip={1 - bool(self._stream)}, delim={quoted(self.separator)},"
            " quote='\"', escape='\"', comment='', strict_mode=true,"
            f" {columns}{self._compressed()}{size})"
        )

    def points(self, plan: Plan, same: bool) -> tuple[str, dict[str, str]]:
        """A SELECT, as of every source."""
        places = {x: self.columns.index(name) for x, name in plan.variables.items()}
        lines = [f"c{k} AS {column(name)}" for k, name in enumerate(self.columns)]
        if not same:
            table = self.read_csv(dict.fromkeys(places.values(), "DOUBLE"), guess=True)
            return f"SELECT {', '.join(lines)} FROM {table}", dict(plan.variables)
        fresh = {x: plan.fresh() for x in places}
        row = "" if self.again else "row_number() OVER ()"
        for x, k in places.items():
            number = f"TRY_CAST(c{k} AS DOUBLE)"
            told = (
                f"concat_ws('|', 'exprdiff', 'cell', '{k}', {row or quoted('')}, c{k})"
            )
            lines.append(
                f"coalesce({number}, CASE WHEN c{k} IS NOT NULL THEN error({told}) END)"
                f" AS {fresh[x]}"
            )
        return f"SELECT {', '.join(lines)} FROM {self.read_csv({})}", fresh

    @property
    def read(self) -> int:
        """How many bytes have been read of a stream."""
        return self._stream.read if self._stream else 0

    def check(self) -> None:
        """Make sure that all of a stream has been read."""
        if self._stream and self._stream.problem:
            raise _damaged(self._stream.problem)

    def close(self) -> None:
        """Read no more."""
        if self._stream:
            self._stream.close()


class Lines(Source):
    """JSON, an object on each line."""

    format = "json"

    def __init__(
        self,
        connection: DuckDBPyConnection,
        where: str,
        paths: Sequence[str],
        compression: str | None = None,
    ) -> None:
        super().__init__(connection, where)
        method = f", compression={quoted(compression)}" if compression else ""
        self._table = (
            f"read_json({listed([*map(escaped, paths)])}, format='newline_delimited'"
            f"{method}, {{}})"
        )
        # All of it, since a number with a point may come late, and a column, too.
        self.describe(f"SELECT * FROM {self._table.format('sample_size=-1')}")
        folded = {name.casefold() for name in self.columns}
        for name in self.columns:
            base, _, number = name.casefold().rpartition("_")
            if number.isdecimal() and base in folded:
                raise UsageError(
                    f"{where} has {shorten(name)} and {shorten(base)}, or columns whose"
                    " names SQL does not tell apart; rename one"
                )
        if self.columns == ["json"] and self._types["json"] == "JSON":
            raise UsageError(f"{where} has no objects, which is what lines have to be")
        self.bytes = sum(map(os.path.getsize, paths))

    def _select(self, plan: Plan, same: bool) -> tuple[str, dict[str, str]]:
        types = dict.fromkeys(self.columns, "JSON") if same else self._types
        structure = ", ".join(f"{quoted(x)}: {quoted(y)}" for x, y in types.items())
        table = self._table.format(f"columns={{{structure}}}")
        if not same:
            return f"SELECT * FROM {table}", dict(plan.variables)
        fresh = {x: plan.fresh() for x in plan.variables}
        numbers = [
            f"CAST({column(name)} AS DOUBLE) AS {fresh[x]}"
            for x, name in plan.variables.items()
        ]
        return f"SELECT {', '.join(['*', *numbers])} FROM {table}", fresh


class Parquet(Source):
    """Parquet."""

    format = "parquet"

    def __init__(
        self, connection: DuckDBPyConnection, where: str, paths: Sequence[str]
    ) -> None:
        super().__init__(connection, where)
        names = listed([*map(escaped, paths)])
        # Names of folders are no columns.
        self._table = f"SELECT * FROM read_parquet({names}, hive_partitioning=false)"
        self.describe(self._table)
        self._check(names, len(paths) > 1)
        self._count = f"SELECT sum(num_rows) FROM parquet_file_metadata({names})"

    def _check(self, names: str, several: bool) -> None:
        """Make sure that all files have the same columns, and these their names."""
        renamed = [name for name in self.columns if re.search(r"_\d+$|^C\d+$", name)]
        if not several and not renamed:
            return
        schema = f"SELECT file_name, name FROM parquet_schema({names})"
        found: dict[str, list[str]] = {}
        for file, name in self.connection.execute(schema).fetchall():
            found.setdefault(file, []).append(name)
        first = next(iter(found.values()))
        for file, others in found.items():
            if others[1:] != first[1:]:
                raise _others(f"'{shorten(file)}'")
        for name in renamed:
            if name not in first:
                raise UsageError(
                    f"{self.where} has a column without a name, or columns whose names"
                    " SQL does not tell apart"
                )

    def _select(self, plan: Plan, same: bool) -> tuple[str, dict[str, str]]:
        if on_terminal():  # where it is shown
            ((self.rows,),) = self.connection.execute(self._count).fetchall()
        return self._table, dict(plan.variables)


class Arrow(Source):
    """Arrow, as a file or a stream. It is read by its own library, batch by batch."""

    format = "arrow"

    def __init__(
        self, connection: DuckDBPyConnection, where: str, paths: Sequence[str]
    ) -> None:
        super().__init__(connection, where)
        library("duckdb", "table")  # which connections need for Arrow
        self._arrow, self._paths = library("pyarrow", "table"), paths
        self._ipc = library("pyarrow.ipc", "table")
        schema = self._open(paths[0]).schema
        for path in paths[1:]:
            if not self._open(path).schema.equals(schema):
                raise _others(f"'{shorten(path)}'")
        self._register()
        self.describe("SELECT * FROM arrow_points")

    def _register(self) -> None:
        schema = self._open(self._paths[0]).schema
        reader = self._arrow.RecordBatchReader.from_batches(schema, self._batches())
        self.connection.register("arrow_points", reader)

    def _open(self, path: str) -> Any:
        try:
            file = self._arrow.memory_map(path)
            if file.read(6) == b"ARROW1":
                return self._ipc.open_file(file)
            file.seek(0)
            return self._ipc.open_stream(file)
        except (OSError, self._arrow.ArrowException) as error:
            line = visible(str(error).partition("\n")[0])
            raise FileError(f"cannot read '{shorten(path)}': {line}") from None

    def _batches(self) -> Iterator[Any]:
        for path in self._paths:
            reader = self._open(path)
            if hasattr(reader, "get_batch"):
                for k in range(reader.num_record_batches):
                    yield reader.get_batch(k)
            else:
                yield from reader

    def _select(self, plan: Plan, same: bool) -> tuple[str, dict[str, str]]:
        self._register()  # since what has been read once has gone
        return "SELECT * FROM arrow_points", dict(plan.variables)


class Stream:
    """Standard input, handed on through a pipe, block by block.

    Args:
        block: what has been read of it,
        raw: and what there is more: an object with ``read``.
    """

    def __init__(self, raw: Any, block: bytes) -> None:
        self._raw, self._block = raw, block
        self.read = len(block)
        self._end: int | None = None
        self._pipe: FileIO | None = None
        #: What went wrong on the way.
        self.problem: Exception | None = None

    def head(self) -> str | None:
        """The first line, which is then no more in it; None if there is none.

        Raises:
            FileError: it is no text, or has no end.
        """
        block = self._block
        while b"\n" not in block and (more := self._raw.read(BLOCK)):
            block += more
            if len(block) > LONGEST_HEAD:
                raise FileError(
                    f"the first line of standard input has over {LONGEST_HEAD:,} bytes"
                )
        line, _, self._block = block.partition(b"\n")
        try:
            text = line.decode("utf-8-sig").rstrip("\r")
        except UnicodeDecodeError:
            raise FileError("the first line of standard input is not UTF-8") from None
        return text if block else None

    def pipe(self) -> str:
        """The name of the pipe that has the rest."""
        self._end, end = os.pipe()
        self._pipe = FileIO(end, "wb")
        Thread(target=self._feed, args=[self._pipe], daemon=True).start()
        return f"/dev/fd/{self._end}"

    def _feed(self, pipe: FileIO) -> None:
        try:
            with pipe:
                block = self._block
                while block:
                    self.read += len(block)
                    rest = memoryview(block)
                    while rest:
                        rest = rest[pipe.write(rest) :]
                    block = self._raw.read(BLOCK)
        except (BrokenPipeError, ValueError):
            pass  # nobody wants more
        except Exception as error:
            self.problem = error

    def close(self) -> None:
        """Read no more, and have whoever waits for more come to an end."""
        if self._end is not None:
            os.close(self._end)
            self._end = None
        if self._pipe is not None:
            with suppress(OSError):
                self._pipe.close()


class Input(RawIOBase):
    """Bytes, and those of standard input after them, without a buffer of Python's own.

    A thread that waits for input would not let the interpreter end while it holds that.
    """

    def __init__(self) -> None:
        if sys.stdin is None:
            raise FileError("cannot read standard input: it is closed")
        self._descriptor = sys.stdin.fileno()
        os.set_blocking(self._descriptor, True)
        self._before = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a part of the buffer, and tell how much; nothing is the end."""
        block = self._before[: len(buffer)] or os.read(self._descriptor, len(buffer))
        self._before = self._before[len(block) :]
        buffer[: len(block)] = block
        return len(block)

    def peek(self, size: int) -> bytes:
        """What it begins with, as far as there is so much."""
        while len(self._before) < size and (
            more := os.read(self._descriptor, BLOCK - len(self._before))
        ):
            self._before += more
        return self._before


def kind(block: bytes) -> str:
    """What begins so: a format or a compression."""
    for magic, name in MAGIC.items():
        if block.startswith(magic):
            return name
    start = block.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "json" if start.startswith(b"{") else "csv"


def escaped(path: str) -> str:
    """The name of a file as a pattern that nothing else matches."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def table(connection: DuckDBPyConnection, pattern: str, typed: bool) -> Source:
    """The table that a pattern names.

    Args:
        connection: of DuckDB.
        pattern: that of files, or "-".
        typed: whether its rows become something else than text.

    Raises:
        FileError: it cannot be read.
        UsageError: its format is unknown, or it is empty.
    """
    if pattern == "-":
        return _standard_input(connection, typed)
    paths = files(pattern)
    where = f"'{shorten(pattern)}'"
    formats = {path: format_of(path) for path in paths}
    format, compression = formats[paths[0]]
    for path, other in formats.items():
        if other != (format, compression):
            raise UsageError(f"'{shorten(path)}' has another format than '{paths[0]}'")
    if format is None:
        with open(paths[0], "rb") as file:
            format = kind(file.read(BLOCK))
        if format in COMPRESSIONS.values() or compression:
            raise UsageError(
                f"what is compressed in {where}, its name has to tell, as in"
                " points.csv.gz"
            )
    if compression and format not in TEXTS:
        raise UsageError(f"{where} is compressed twice; it has to be .{format} only")
    if format == "parquet":
        return Parquet(connection, where, paths)
    if format == "arrow":
        return Arrow(connection, where, paths)
    if format == "json":
        return Lines(connection, where, paths, compression)
    separator = "\t" if format == "tsv" else None
    return Separated(connection, where, paths, separator, compression)


def _others(where: str) -> UsageError:
    return UsageError(f"{where} has other columns than the files before it")


def _damaged(error: Exception) -> FileError:
    return FileError(f"cannot read standard input: {visible(str(error))}")


def _standard_input(connection: DuckDBPyConnection, typed: bool) -> Source:
    """The table on standard input.

    What is neither read and written in one go is kept in a file that has no name.
    """
    where, raw = "standard input", Input()
    found = kind(raw.peek(8))
    stream: Any = raw
    if found == "gzip":
        from gzip import GzipFile

        stream = GzipFile(fileobj=raw)
    elif found == "zstd":
        stream = library("pyarrow", "table").CompressedInputStream(raw, found)
    try:
        return _of_stream(connection, where, stream, typed)
    except (EOFError, OSError, zlib.error) as error:
        raise _damaged(error) from None


def _of_stream(
    connection: DuckDBPyConnection, where: str, stream: Any, typed: bool
) -> Source:
    block = stream.read(BLOCK)
    found = kind(block)
    if found not in TEXTS:
        raise UsageError(f"{where} has to be text; give a file of {found} by its name")
    if found == "csv" and not typed:
        return Separated(connection, where, [], None, stream=Stream(stream, block))
    spooled = _spooled(stream, block)
    if found == "json":
        return Lines(connection, where, [spooled])
    return Separated(connection, where, [spooled], None)


#: Files without a name, which end with the process.
_SPOOLED: list[Any] = []


def _spooled(stream: Any, block: bytes) -> str:
    """The name of what has the block and all after it, and can be read often."""
    from tempfile import TemporaryFile

    file = TemporaryFile()  # noqa: SIM115
    _SPOOLED.append(file)
    while block:
        file.write(block)
        block = stream.read(BLOCK)
    file.flush()
    return f"/dev/fd/{file.fileno()}"
