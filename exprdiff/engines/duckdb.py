"""DuckDB, which runs SQL in this process, in parallel and in bounded memory."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from .. import files
from ..errors import ExprdiffError, FileError, PointError, UsageError, shorten, visible
from ..render import library
from ..render.sql import Reason
from ..tables import FORMATS, Plan, Task
from .progress import amount, bar, on_terminal, watched
from .sources import (
    BLOCK,
    OURS,
    TEXTS,
    Separated,
    column,
    format_of,
    quoted,
    table,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

#: How much memory buffers may take.
MEMORY = "600MB"

#: The rows of a batch of Arrow.
BATCH = 100_000

#: What says that a row lacks something which none was to lack.
AGAIN = f"{OURS}again"

SETTINGS = {
    "memory_limit": MEMORY,
    "temp_directory": "",
    # It takes the statistics of Parquet, which leave NaN out, for all there is.
    "disabled_optimizers": "statistics_propagation",
    # Nothing is fetched from anywhere.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def core() -> Any:
    """The part of DuckDB that runs queries, which loads in a third of the time.

    Raises:
        MissingLibrary: DuckDB is not installed.
        FileError: it cannot be imported.
    """
    try:
        return import_module("_duckdb")
    except ImportError:
        return library("duckdb", "table")


def run(task: Task) -> tuple[Plan, int, list[tuple[Reason, int]]]:
    """Write the table with the results, or without those rows that have none.

    Returns:
        The plan, the number of rows, and how many of them lack numbers for a reason.

    Raises:
        MissingLibrary: DuckDB is not installed.
        UsageError: the table or the formula is not as it has to be.
        FileError: something cannot be read or written.
        PointError: a row lacks a number, and that is to be the end.
    """
    duckdb = core()
    format, compression = _target(task)
    connections: list[DuckDBPyConnection] = []
    connecting = Thread(
        target=lambda: connections.append(duckdb.connect(config=SETTINGS))
    )
    connecting.start()
    try:
        task.prepare()
    finally:
        connecting.join()
    (connection,) = connections
    try:
        query = _Query(task, connection, format)
        try:
            query.write(compression)
        except duckdb.Error as error:
            query.source.check()
            raise query.failure(str(error)) from None
        finally:
            query.source.close()
        return query.plan, query.total, query.counts
    except duckdb.Error as error:
        raise failure(str(error)) from None
    finally:
        connection.close()


def _target(task: Task) -> tuple[str | None, str | None]:
    """The format of the output, if it is told, and its compression.

    Raises:
        UsageError: there is no such format, or it does not go there.
        FileError: it is the name of a file that SQL cannot have.
    """
    path = task.output or "-"
    quoted(path)
    format, compression = format_of(path)
    format = task.format or format
    if path == "-" or format is not None:
        if format in TEXTS or (path == "-" and format is None):
            return format, compression
        if compression:
            raise UsageError(f"{format} is not compressed once more; leave {path} out")
        if path == "-":
            raise UsageError(f"{format} goes to a file, as -o out.{format}")
        return format, None
    suffixes = [suffix for some in FORMATS.values() for suffix in some]
    raise UsageError(
        f"'{shorten(path)}' tells no format of tables; it may end with"
        f" {', '.join(suffixes)}, or with .csv.gz and the like; or use --format"
    )


class _Query:
    """A task, as DuckDB does it.

    Args:
        task: it.
        connection: to DuckDB.
        format: that of the output, if it is told.
    """

    def __init__(
        self, task: Task, connection: DuckDBPyConnection, format: str | None
    ) -> None:
        self.task = task
        self.total = 0
        #: Whether no row is expected to lack anything.
        self._hasty = False
        self._connection = connection
        self._error: type[Exception] = core().Error
        typed = format not in (None, "csv", "tsv")
        self.source = table(connection, task.source, typed)
        own = self.source.format
        self.format = format or (own if own in TEXTS else "csv")
        self.plan = Plan(task, self.source.columns, self.source.where)
        #: Whether cells that are text stay as they are.
        self._same = own == self.format or {own, self.format} <= {"csv", "tsv"}
        self._points, self._variables = self.source.points(self.plan, self._same)
        #: How many rows lack numbers, by reason.
        self.counts: list[tuple[Reason, int]] = []
        self._row = self.plan.fresh()

    def write(self, compression: str | None) -> None:
        """Calculate all rows, and write them to where they go."""
        path = self.task.output or "-"
        with files.place(path) if path != "-" else nullcontext() as new:
            if new is not None:
                self._write(new, compression)
            elif self.format in TEXTS:
                with files.output(path) as write:
                    self._pipe(write, compression)
            else:
                raise UsageError(f"{self.format} goes to an ordinary file only")
            self.source.check()
            self._count()

    def _query(self) -> str:
        """The SELECT of the output."""
        on_error, points = self.task.on_error, self._points
        fails = on_error == "fail"
        if self._hasty:
            return self.plan.query(
                *("duckdb", self._variables, lambda reason: f"error('{AGAIN}')"),
                detailed=False,
                hasty=True,
                points=points,
            )
        if fails or not self.source.again:
            # More threads would run ahead of what is to be written next, and keep it.
            self._connection.execute("SET threads = 1")
        if fails:
            points = f"SELECT *, row_number() OVER () AS {self._row} FROM ({points})"
            return self.plan.query(
                *("duckdb", self._variables), told=self._fail, points=points
            )
        query = self.plan.query(
            *("duckdb", self._variables),
            # A number that is counted with the others of the reason.
            lambda reason: f"nextval('reason{reason.number}')",
            detailed=not self.source.again,
            skip=on_error == "skip",
            points=points,
        )
        for reason in self.plan.reasons:
            self._connection.execute(f"CREATE SEQUENCE reason{reason.number}")
        return query

    def _fail(self, number: str) -> str:
        """An error that tells a number, the row, and the values of the variables."""
        columns = (f"{column(name)}::DOUBLE" for name in self._variables.values())
        parts = [number, self._row, *columns]
        return f"error(concat_ws('|', 'exprdiff', 'row', {', '.join(parts)}))"

    def _count(self) -> None:
        """Count the rows that lack numbers, by reason."""
        if self.task.on_error == "fail" or self._hasty:
            return
        rows = self._connection.execute(
            "SELECT sequence_name, last_value FROM duckdb_sequences()"
            " WHERE last_value IS NOT NULL"
        ).fetchall()
        counts = {int(name.removeprefix("reason")): count for name, count in rows}
        if self.task.on_error == "skip":
            self.total += sum(counts.values())
        if counts and self.source.again:
            counts = self._classified()
        self.counts = self.plan.counted(counts)

    def _classified(self) -> dict[int, int]:
        """The numbers of rows by reason, for which all is read once more."""
        points, variables = self.source.points(self.plan, self._same)
        query = self.plan.query("duckdb", variables, reason=self._row, points=points)
        rows = self._rows(
            f"SELECT {self._row}, count(*) FROM ({query})"
            f" WHERE {self._row} <> 0 GROUP BY ALL"
        )
        return dict(rows)

    # ---- Writing ---------------------------------------------------------------------

    def _write(self, path: str, compression: str | None) -> None:
        if self.format == "arrow":
            self._twice(lambda: self._run(lambda: self._write_arrow(path)))
        else:
            self._twice(lambda: self._execute(self._copy(path, compression)))

    def _twice(self, write: Callable[[], Any]) -> None:
        """Write as if no row lacked anything, and again with care if one does.

        Most tables are such, and the first query takes less time.
        """
        if self.task.on_error != "fail" and self.source.again:
            self._hasty = True
            try:
                self.total = write()
                return
            except self._error as error:
                if AGAIN not in str(error) and "Out of Range" not in str(error):
                    raise
            self._hasty = False
            self._points, self._variables = self.source.points(self.plan, self._same)
        self.total = write()

    def _copy(self, path: str, compression: str | None) -> str:
        options = [f"FORMAT {'csv' if self.format == 'tsv' else self.format}"]
        options.append("USE_TMP_FILE false")  # as ours is one already
        if self.format in ("csv", "tsv"):
            same = getattr(self.source, "separator", ",")
            kept = self.format == self.source.format == "csv"
            separator = "\t" if self.format == "tsv" else same if kept else ","
            options += ["HEADER true", f"DELIMITER {quoted(separator)}"]
        if self.format in TEXTS:
            options.append(f"COMPRESSION {quoted(compression or 'none')}")
        query = self._query()
        if self.format == "json" and not self._same:
            query = self._json(query)
        return f"COPY ({query}) TO {quoted(path)} ({', '.join(options)})"

    def _json(self, query: str) -> str:
        """The rows, with NULL for numbers of the table that JSON does not have."""
        types = self.source.types(self._points)
        floats = [column(x) for x, type in types.items() if type in ("FLOAT", "DOUBLE")]
        lines = [f"CASE WHEN isfinite({x}) THEN {x} END AS {x}" for x in floats]
        replaced = f" REPLACE ({', '.join(lines)})" if lines else ""
        return f"SELECT *{replaced} FROM ({query})"

    def _write_arrow(self, path: str) -> int:
        ipc, total = library("pyarrow.ipc", "table"), 0
        library("duckdb", "table")  # which connections need for Arrow
        reader = self._connection.sql(self._query()).to_arrow_reader(BATCH)
        with ipc.new_file(path, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
                total += batch.num_rows
        return total

    def _pipe(self, write: Callable[[bytes], None], compression: str | None) -> None:
        """Have DuckDB write to a pipe, and hand on what comes out of it."""
        read, end = os.pipe()
        problem: list[BaseException] = []

        def hand_on() -> None:
            with open(read, "rb", buffering=0) as pipe:
                try:
                    while block := pipe.read(BLOCK):
                        write(block)
                except OSError as error:
                    problem.append(error)

        thread = Thread(target=hand_on, daemon=True)
        thread.start()
        try:
            self.total = self._execute(self._copy(f"/dev/fd/{end}", compression))
        except BaseException:
            if problem:
                raise problem[0] from None
            raise
        finally:
            os.close(end)
            thread.join()
        if problem:
            raise problem[0]

    # ---- Running ---------------------------------------------------------------------

    def _execute(self, sql: str) -> int:
        """Write, and return the number of rows."""
        ((count,),) = self._rows(sql)
        return int(count)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._run(lambda: self._connection.execute(sql).fetchall())

    def _run(self, work: Callable[[], T]) -> T:
        """Do what takes long."""
        if on_terminal():
            self._connection.execute("SET enable_progress_bar = true")
            self._connection.execute("SET enable_progress_bar_print = false")

        def stop() -> None:
            self.source.close()
            self._connection.interrupt()

        return watched(work, self._line, stop)

    def _line(self, seconds: float) -> str:
        """How far it is."""
        source, part = self.source, self._connection.query_progress() / 100
        size, unit = (source.rows, "rows") if source.rows else (source.bytes, "B")
        if size and 0 < part <= 1:
            return bar(part, size, unit, seconds)
        return f"{amount(source.read, 'B')}, {amount(source.read / seconds, 'B')}/s"

    # ---- Failures --------------------------------------------------------------------

    def failure(self, message: str) -> ExprdiffError:
        """The error that one of DuckDB stands for."""
        ours = re.search(rf"{re.escape(OURS)}(cell|row)\|(.*)", message, re.S)
        if ours and ours[1] == "row":
            number, row, *numbers = ours[2].split("|")
            place = f"row {int(row):,} of {self.source.where}"
            return self.plan.failure(number, place, numbers)
        where, source = self.source.where, self.source
        if isinstance(source, Separated):
            if ours:
                k, row, cell = ours[2].split("|", 2)
                if row:
                    where = f"row {int(row):,} of {where}"
                    return _no_number(source.columns[int(k)], cell, where)
                found = self._find({int(k): "DOUBLE"})
                return self._of_line(found) or _no_number(
                    source.columns[int(k)], cell, where
                )
            if "sniffing" in message:
                message = self._find({})
            return self._of_line(message) or failure(message)
        return failure(message)

    def _of_line(self, message: str) -> ExprdiffError | None:
        """What is wrong with a cell of a line, if that is in a message of DuckDB."""
        source, found = self.source, _line(message)
        assert isinstance(source, Separated)
        if found is None:
            return None
        line, file, problem = found
        several = file and source.several
        where = f"'{shorten(file)}'" if several else source.where
        where = f"line {line + (not source.again):,} of {where}"
        pattern = (
            r'Error when converting column "c(\d+)"\.'
            r' Could not convert string "(.*)" to'
        )
        if cell := re.match(pattern, problem, re.S):
            return _no_number(source.columns[int(cell[1])], cell[2], where)
        return _bad_line(where, problem)

    def _find(self, types: dict[int, str]) -> str:
        """The message of the error that there is when all of the table is read."""
        assert isinstance(self.source, Separated)
        try:
            self._connection.execute(
                f"SELECT {', '.join(f'count(c{k})' for k in types) or 'count(*)'}"
                f" FROM {self.source.read_csv(types)}"
            )
        except self._error as error:
            return str(error)
        return ""


def _no_number(name: str, cell: str, where: str) -> PointError:
    return PointError(
        f"{where}: the column {shorten(name)} has '{shorten(cell)}', which is no number"
    )


def _line(message: str) -> tuple[int, str, str] | None:
    """The line, the file and the problem that a message of DuckDB is about."""
    if not (match := re.search(r"CSV Error on Line: (\d+)\n", message)):
        return None
    # The line itself may stand between; it ends with an empty one, or with its end.
    lines = message[match.end() :].partition("Possible fixes")[0].split("\n")
    if lines[0].startswith("Original Line:"):
        lines = lines[1 + (not lines[0].removeprefix("Original Line:").strip()) :]
    problem = next(
        (line for line in lines if re.match(r"[A-Z][a-z]+ [a-z\w]", line)), ""
    )
    file = re.search(r"^ *file = (.*)$", message, re.M)
    return int(match[1]), file[1] if file else "", problem


def _bad_line(where: str, problem: str) -> ExprdiffError:
    cells = re.match(r"Expected Number of Columns: (\d+) Found: (\d+)", problem)
    if cells:
        count = f"{cells[2]} cell{'s' * (cells[2] != '1')}"
        return PointError(f"{where} has {count}, and its head {cells[1]}")
    return PointError(f"{where} cannot be read: {visible(problem)}")


def failure(message: str) -> ExprdiffError:
    """The error that one of DuckDB stands for, whatever it is about."""
    if "invalid state" in message:
        return FileError("cannot read it: its lines end with LF here, with CRLF there")
    if found := _line(message):
        line, file, problem = found
        return _bad_line(f"line {line:,} of '{shorten(file)}'", problem)
    line_of_it = visible(message.partition("\n")[0])
    line_of_it = re.sub(r"^[A-Z][\w ]+ Error: ", "", line_of_it).strip()
    line_of_it = re.sub(r'file "/dev/fd/\d+"', "standard input", line_of_it)
    return FileError(f"DuckDB: {line_of_it}")
