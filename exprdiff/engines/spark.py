"""Apache Spark, which runs SQL on a cluster, from Parquet to Parquet."""

from __future__ import annotations

import os
import re
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from ..errors import ExprdiffError, FileError, UsageError, shorten, visible
from ..render import library
from ..render.dialects import DIALECTS
from ..render.sql import Reason
from ..tables import Plan, Task, number_type
from .progress import bar, watched

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: This machine, with all its cores.
LOCAL = "local[*]"

SETTINGS = {
    "spark.app.name": "exprdiff",
    "spark.log.level": "OFF",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Names are what they are.
    "spark.sql.caseSensitive": "true",
}


def run(task: Task, master: str = LOCAL) -> tuple[Plan, int, list[tuple[Reason, int]]]:
    """Write the table with the results, or without those rows that have none.

    Args:
        task: what is to be done.
        master: the URL of the cluster.

    Returns:
        The plan, the number of rows, and how many of them lack numbers for a reason.

    Raises:
        MissingLibrary: PySpark is not installed.
        UsageError: the table or the formula is not as it has to be.
        FileError: something cannot be read or written, or there is no cluster.
        PointError: a row lacks a number, and that is to be the end.
    """
    sql = library("pyspark.sql", "spark")
    errors = library("pyspark.errors", "spark")
    java = library("py4j.protocol", "spark").Py4JError
    if task.output in (None, "-") or task.source == "-":
        raise UsageError("--engine spark reads and writes folders of Parquet, with -o")
    if task.format not in (None, "parquet"):
        raise UsageError(f"--engine spark writes Parquet, and no {task.format}")
    session = _session(sql, errors, master)
    job = None
    try:
        job = _Job(task, session, sql)
        return job.plan, *job.run()
    except (errors.PySparkException, java) as error:
        raise (job.failure if job else _failure)(str(error)) from None
    finally:
        session.stop()


def _session(sql: Any, errors: Any, master: str) -> SparkSession:
    """A session on a cluster, of which Java says nothing on standard error."""
    builder = sql.SparkSession.builder.master(master)
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    with TemporaryFile() as said:
        kept = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            session: SparkSession = builder.getOrCreate()
        except Exception as error:
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").strip().split("\n")
            if not isinstance(error, errors.PySparkException):
                lines = str(error).strip().split("\n")
            line = next(
                (x for x in reversed(lines) if not re.match(r"\s|at ", x)), "no word"
            )
            raise FileError(
                f"cannot start Spark on {shorten(master)}: {visible(line.strip())}; it"
                " takes Java 17 or later, in JAVA_HOME or on the PATH, and a master"
                " that answers"
            ) from None
        finally:
            os.dup2(kept, 2)
            os.close(kept)
    return session


class _Job:
    """A task, as Spark does it.

    Args:
        task: it.
        session: with a cluster.
        sql: the module of it.
    """

    def __init__(self, task: Task, session: SparkSession, sql: Any) -> None:
        self.task = task
        self._session = session
        self._sql = sql
        where = f"'{shorten(task.source)}'"
        self._points = session.read.parquet(task.source)
        self.plan = Plan(task, self._points.columns, where)
        types = dict(self._points.dtypes)
        for name in self.plan.variables.values():
            number_type(name, types[name], where)
        self._reason, self._path, self._row = (self.plan.fresh() for _ in range(3))

    def run(self) -> tuple[int, list[tuple[Reason, int]]]:
        """Write all rows, and count those that lack numbers, by reason."""
        output = str(self.task.output)
        java: Any = self._session._jvm
        path = java.org.apache.hadoop.fs.Path(output)
        system = path.getFileSystem(self._session._jsc.hadoopConfiguration())
        if system.exists(path):
            raise FileError(
                f"'{shorten(output)}' exists already, and Spark replaces nothing;"
                " remove it, or give another name"
            )
        points, fails = self._points, self.task.on_error == "fail"
        if fails:
            metadata = ("_metadata.file_path", "_metadata.row_index")
            names = (self._path, self._row)
            columns = [
                self._sql.functions.col(field).alias(name)
                for field, name in zip(metadata, names, strict=True)
            ]
            points = points.select("*", *columns)
        points.createOrReplaceTempView("points")
        rows = self._rows(detailed=fails)
        functions = self._sql.functions
        observation = self._sql.Observation()
        failed = functions.expr(f"count_if({self._reason} <> 0)")
        rows = rows.observe(
            *(observation, functions.count(functions.lit(1)).alias("rows")),
            failed.alias("failed"),
        )
        if self.task.on_error == "skip":
            rows = rows.where(f"{self._reason} = 0")
        rows = rows.drop(self._reason)
        try:
            self._watched(lambda: rows.write.parquet(output))
        except BaseException:
            system.delete(path, True)
            raise
        counts = observation.get
        return counts["rows"], self._classified() if counts["failed"] else []

    def _rows(self, detailed: bool) -> DataFrame:
        """The rows of the output, with the number of the reason."""
        told = self._fail if self.task.on_error == "fail" else str
        return self._session.sql(
            self.plan.query("spark", told=told, detailed=detailed, reason=self._reason)
        )

    def _fail(self, number: str) -> str:
        """An error that tells a number, the row, and the values of the variables."""
        columns = map(DIALECTS["spark"].name, self.plan.variables.values())
        values = "".join(f", CAST({column} AS DOUBLE)" for column in columns)
        return (
            f"raise_error(concat_ws('|', 'exprdiff', {number}, {self._row}"
            f"{values}, {self._path}, 'exprdiff'))"
        )

    def _classified(self) -> list[tuple[Reason, int]]:
        """How many rows lack numbers, by reason, for which all is read once more."""
        rows = self._rows(detailed=True).where(f"{self._reason} <> 0")
        found = self._watched(lambda: rows.groupBy(self._reason).count().collect())
        return self.plan.counted({row[0]: row[1] for row in found})

    def _watched(self, work: Any) -> Any:
        context = self._session.sparkContext
        tracker = context.statusTracker()

        def line(seconds: float) -> str:
            infos = map(tracker.getStageInfo, tracker.getActiveStageIds())
            stages = [info for info in infos if info]
            size = sum(info.numTasks for info in stages)
            part = sum(info.numCompletedTasks for info in stages) / max(size, 1)
            return bar(part, size, "tasks", seconds) if part else f"{size} tasks"

        return watched(work, line, context.cancelAllJobs)

    def failure(self, message: str) -> ExprdiffError:
        """The error that one of Spark stands for."""
        ours = re.search(r"exprdiff\|(.*?)\|exprdiff", message, re.S)
        if ours is None:
            return _failure(message)
        number, row, *parts = ours[1].split("|")
        count = len(self.plan.variables)
        path = re.sub("^file:(//)?", "", "|".join(parts[count:]))
        place = f"row {int(row) + 1:,} of '{shorten(path)}'"
        return self.plan.failure(number, place, parts[:count])


def _failure(message: str) -> ExprdiffError:
    line, _, more = message.partition("\n")
    if line.startswith("An error occurred while calling"):  # and Java says which
        line = re.sub(r"^: ([\w.$]+: )*", "", more.partition("\n")[0])
    line = re.sub(r"^\[[A-Z_.]+\] | SQLSTATE: \w+$", "", line)
    if "ClassNotFoundException" in message or "No FileSystem for scheme" in message:
        line += "; Spark has to be set up with what connects it to that store"
    return FileError(f"Spark: {visible(line)}")
