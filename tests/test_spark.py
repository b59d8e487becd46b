"""Tables on Apache Spark, really run: alone, and on a cluster that loses a worker."""

import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from test_sql import check_corpus, check_operation

from exprdiff.cli import main
from exprdiff.operations import OPERATIONS

pyspark = pytest.importorskip("pyspark")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="no Java")

HOME = Path(pyspark.__file__).parent
EXPRDIFF = Path(sys.executable).parent / "exprdiff"
#: Nothing of this machine but itself; and Java starts at once, for it runs but shortly.
ENVIRONMENT = os.environ | {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_HOME": str(HOME),
    "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def exprdiff(*words, **settings):
    return subprocess.run(
        [EXPRDIFF, *map(str, words)],
        env=ENVIRONMENT | settings,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def table(path, columns):
    duckdb.sql(f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet)")


# ---- The numbers ---------------------------------------------------------------------


def number(y):
    return (
        "NULL" if y is None else f"CAST('{y!r}' AS DOUBLE)".replace("inf", "Infinity")
    )


@pytest.fixture
def session():
    """One that is there already, or a new one, which the next test can have."""
    from pyspark.sql import SparkSession

    os.environ.update(ENVIRONMENT)
    builder = SparkSession.builder.master("local[1]")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.log.level": "OFF",
        "spark.sql.caseSensitive": "true",
    }.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@pytest.fixture
def run(session):
    """What runs a query over rows, as the other engines of SQL do."""

    def run(dialect, query, variables, rows):
        names = ", ".join(f"`{name}`" for name in variables) or "none"
        given = ", ".join(f"({', '.join(map(number, row or [None]))})" for row in rows)
        view = f"SELECT * FROM VALUES {given} AS points({names})"
        session.sql(view).createOrReplaceTempView("points")
        result = session.sql(query.rstrip(";\n"))
        return result.columns, [tuple(row) for row in result.collect()]

    return run


def test_all_that_is_written_anywhere(run):
    check_corpus("spark", run)


def test_every_operation(run):
    for name in OPERATIONS:
        check_operation("spark", name, 60, run)


# ---- The command ---------------------------------------------------------------------

FORMULA = "ln(x1)+x1*x2-sin(x2)"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A master and two workers, each a process with one of its own for the work."""
    folder = tmp_path_factory.mktemp("cluster")
    # Small parts, so that there are many tasks.
    (folder / "spark-defaults.conf").write_text(
        "spark.sql.files.maxPartitionBytes 1m\nspark.sql.files.openCostInBytes 0\n"
        "spark.executor.memory 512m\nspark.driver.memory 512m\n"
        # Another file system, which has a URL, as those of object stores have.
        "spark.hadoop.fs.viewfs.mounttable.store.link./all file:///\n"
    )
    environment = ENVIRONMENT | {"SPARK_CONF_DIR": str(folder)}
    processes = []

    def start(name, *words):
        path = folder / f"{name}.log"
        with open(path, "w") as log:
            process = subprocess.Popen(
                [HOME / "bin" / "spark-class", *words],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        processes.append(process)
        return process, path

    def said(path, text):
        for _ in range(600):
            if text in path.read_text():
                return
            time.sleep(0.1)
        raise AssertionError(f"no {text!r} in {path.name}")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    package = "org.apache.spark.deploy"
    try:
        place = ("--host", "127.0.0.1", "--webui-port", "0")
        master = f"{package}.master.Master"
        _, log = start("master", master, *place, "--port", str(port))
        said(log, "I have been elected leader")
        url = f"spark://127.0.0.1:{port}"
        workers = []
        for k in (1, 2):
            words = (*place, "--cores", "1", "--memory", "600m", "--work-dir", folder)
            worker, other = start(
                f"worker{k}", f"{package}.worker.Worker", *map(str, words), url
            )
            said(other, "Successfully registered with master")
            workers.append(worker)
        yield url, environment, workers, log
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_a_worker_that_is_killed_half_way_takes_nothing_with_it(cluster, tmp_path):
    url, environment, workers, log = cluster
    source, out, alone = (tmp_path / f"{x}.parquet" for x in ("in", "out", "alone"))
    spread = "(i*7919 % 1000003)/1000003.0"
    table(
        source,
        f"i AS id, 4*{spread} - 1 AS x1, 9*{spread} AS x2 FROM range(2000000) t(i)",
    )
    store = "viewfs://store/all"
    running = subprocess.Popen(
        [
            *(EXPRDIFF, FORMULA, "--table", f"{store}{source}", "-o", f"{store}{out}"),
            *("--engine", "spark", "--master", url),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    for _ in range(3000):
        if len(list(out.glob("_temporary/**/part-*.parquet"))) > 4:
            break
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
    os.killpg(workers[0].pid, signal.SIGKILL)  # and what works for it
    assert running.poll() is None
    _, said = running.communicate(timeout=300)
    assert running.returncode == 4, said
    assert "500,00" in said and "ln(x1) is undefined: ln(x) needs x > 0" in said
    assert exprdiff(FORMULA, "--table", source, "-o", alone).stderr == said
    ordered = "SELECT * FROM read_parquet('{}') ORDER BY id"
    names = ", ".join(f"b{k}" for k in range(6))
    same = duckdb.execute(
        f"SELECT count(*) FROM ({ordered.format(f'{out}/*.parquet')}) POSITIONAL JOIN"
        f" ({ordered.format(alone)}) AS b({names}) WHERE id = b0 AND x1 = b1"
        " AND x2 = b2 AND (value IS NULL AND b3 IS NULL"
        " OR abs(value - b3) <= 1e-14*abs(b3) + 1e-15)"
    )
    assert same.fetchall() == [(2000000,)]
    assert "Removing worker" in log.read_text()
    assert not list(out.glob("_temporary*")) and (out / "_SUCCESS").exists()


def test_what_spark_refuses(tmp_path, capfd, monkeypatch):
    """Each error of the engine, and nothing is left behind; in one process."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    source, out = tmp_path / "in.parquet", tmp_path / "out"
    table(source, "i - 1.0 AS x, 'a' AS name FROM range(5) t(i)")

    def said(status, *words, source=source, out=out):
        spark = ("--table", source, "--engine", "spark", "-o", out)
        with pytest.raises(SystemExit) as end:
            main([*map(str, (*words, *spark))])
        found = capfd.readouterr()
        assert (end.value.code or 0) == status and not found.out, found.err
        return found.err

    message = said(4, "ln(x)", "--on-error", "fail")
    assert message.startswith("exprdiff: error: row 1 of '") and not out.exists()
    message = said(1, "x", "--master", "nowhere")
    assert message.startswith("exprdiff: error: cannot start Spark on nowhere: ")
    assert message.count("\n") == 1 and not out.exists()
    for elsewhere in ({"source": "s3a://lab/points"}, {"out": "gs://lab/out"}):
        message = said(1, "x", **elsewhere)
        assert message.startswith("exprdiff: error: Spark: ")
        assert message.endswith("set up with what connects it to that store\n")
        assert message.count("\n") == 1
    assert "note: 2 of 5 rows are left out" in said(0, "ln(x)", "--on-error", "skip")
    found = duckdb.execute(f"SELECT x, value, d_x FROM '{out}/*.parquet'").fetchall()
    assert found == [(x, pytest.approx(math.log(x)), 1 / x) for x in (1.0, 2.0, 3.0)]
    assert "exists already" in said(1, "ln(x)")
