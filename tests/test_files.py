"""Files: what is written is whole or not there at all."""

import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from transcripts import killed_in_the_end, run

POINTS = ["exprdiff", "1/x", "--each", "-o"]


@pytest.fixture
def file(tmp_path):
    """A file with something in it, alone in its folder."""
    file = tmp_path / "table.csv"
    file.write_text("as it was\n")
    return file


def waiting(file, *before):
    """A process that has taken a point and waits for the next one."""
    process = subprocess.Popen(
        [*before, *POINTS, str(file)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdin.write(b"x=2\n")
    process.stdin.flush()
    while len(os.listdir(file.parent)) < 2:
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(
    "number, status",
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_signal_leaves_the_file_as_it_was(file, number, status):
    with waiting(file) as process:
        process.send_signal(number)
        assert process.wait() == status
        assert process.stderr.read() == b""
    assert file.read_text() == "as it was\n"
    assert os.listdir(file.parent) == [file.name]


def test_a_hangup_that_is_ignored_is_ignored(file):
    with waiting(file, "nohup") as process:
        process.send_signal(signal.SIGHUP)
        process.stdin.close()
        assert process.wait() == 0
    assert file.read_text() == "x,value,d_x\n2,0.5,-0.25\n"


def test_a_pipe_has_each_row_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(
        ["exprdiff", "1/x", "--each", "-o", "pipe", "--format", "value"],
        stdin=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        timer = killed_in_the_end(process)
        with (tmp_path / "pipe").open() as rows:
            for x in (2, 4):
                process.stdin.write(b"x=%d\n" % x)
                process.stdin.flush()
                assert rows.readline() == f"{1 / x}\n"
            process.stdin.close()
        assert process.wait() == 0
        timer.cancel()


def test_a_killed_process_leaves_the_file_as_it_was(file):
    with waiting(file) as process:
        process.kill()
    assert file.read_text() == "as it was\n"


def test_the_file_is_replaced_in_the_end(file):
    with waiting(file) as process:
        assert file.read_text() == "as it was\n"
        process.stdin.write(b"x=4\n")
        process.stdin.close()
        assert process.wait() == 0
    assert file.read_text() == "x,value,d_x\n2,0.5,-0.25\n4,0.25,-0.0625\n"
    assert os.listdir(file.parent) == [file.name]


def test_a_full_disk_leaves_the_file_as_it_was(file):
    line = f"ulimit -f 1; seq -f x=%g 1 3000 | exprdiff x --each -o {file}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("exprdiff: error: cannot write ")
    assert done.stderr.endswith("table.csv': File too large\n")
    assert done.stderr.count("\n") == 1
    assert file.read_text() == "as it was\n"
    assert os.listdir(file.parent) == [file.name]


@pytest.mark.parametrize(
    "words, status",
    [
        (["ln(x)", "--x", "0"], 4),
        (["2x", "--x", "0"], 3),
        (["x", "--y", "0"], 2),
        (["x", "--x", "1", "--format", "plot"], 2),
    ],
)
def test_an_error_leaves_no_file(exprdiff, tmp_path, words, status):
    done = exprdiff(*words, "-o", str(tmp_path / "new.json"))
    assert done.returncode == status
    assert os.listdir(tmp_path) == []


def test_permissions_are_those_of_other_new_files(exprdiff, file):
    new = file.parent / "new.csv"
    for mask in (0o022, 0o077):
        exprdiff("x", "--x", "1", "-o", str(new), umask=mask)
        assert stat.S_IMODE(new.stat().st_mode) == 0o666 & ~mask
        new.unlink()
    file.chmod(0o640)
    exprdiff("x", "--x", "1", "-o", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.read_text().startswith("x,")


def test_names_of_files_are_no_words_of_a_terminal(exprdiff, tmp_path):
    for words in (["--file", "no\x1b[31m"], ["x", "--x=1", "-o", "no\x1b[31m/file"]):
        done = exprdiff(*words, cwd=tmp_path)
        assert done.returncode == 1
        assert "\x1b" not in done.stderr
        assert "no\\x1b[31m" in done.stderr


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_nothing_depends_on_the_locale(exprdiff, tmp_path, locale):
    environment = os.environ | {"LC_ALL": locale, "LANGUAGE": "de"}
    plain = {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    (tmp_path / "Δ.txt").write_text("θ^2 # µ", encoding="utf-8")
    words = ["--file", "Δ.txt", "--θ", "1:2:2", "-o", "é.csv"]
    done = exprdiff(*words, cwd=tmp_path, env=environment | plain)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (tmp_path / "é.csv").read_text(encoding="utf-8")
    assert text == "θ,value,d_θ\n1,1,2.0\n2,4,4.0\n"
    for words in (["--help"], ["θ*σ(x)", "--θ", "3"], ["--functions"], ["--file", "ö"]):
        done = exprdiff(*words, env=environment | plain)
        same = exprdiff(*words)
        assert (done.stdout, done.stderr) == (same.stdout, same.stderr)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write whatever there is")
def test_a_file_that_may_not_be_written_stays(exprdiff, file):
    file.chmod(0o444)
    done = exprdiff("x", "--x", "1", "-o", str(file))
    assert (done.returncode, done.stderr.count("Permission denied")) == (1, 1)
    assert file.read_text() == "as it was\n"


@pytest.mark.skipif(sys.platform != "linux", reason="memory cannot be limited here")
def test_an_endless_expression_ends_with_one_line():
    line = "ulimit -v 900000; exprdiff --file /dev/zero --x 1"
    assert run(line) == "exprdiff: error: there is not enough memory for this\n[1]\n"


def test_points_from_a_pipe_that_does_not_block():
    inside, outside = os.pipe()
    os.set_blocking(inside, False)
    words = ["exprdiff", "x^2", "--each", "--format", "value"]
    with subprocess.Popen(words, stdin=inside, stdout=subprocess.PIPE) as process:
        os.close(inside)
        time.sleep(0.5)  # in which it finds nothing
        os.write(outside, b"x=3\n")
        os.close(outside)
        assert process.stdout.read() == b"9\n"
        assert process.wait() == 0
