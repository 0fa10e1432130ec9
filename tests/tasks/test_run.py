"""tasks/run, tried in a checkout of its own with a Python that only pretends to install."""

import os
import re
import shutil
import subprocess
import sys

import pytest

TASKS = ("all", "demo", "test", "docs", "serve", "lint", "bench", "lock", "container", "abz")

FAKE_PYTHON = """#!/bin/sh
case "$1" in
-m)
    echo "$2 ${{6:-}}" >>"{log}"
    case "$2" in
    venv)
        mkdir -p "$4/bin" && cp "$0" "$4/bin/python"
        printf '#!/bin/sh\\necho ran abz "$@"\\n' >"$4/bin/abz" && chmod +x "$4/bin/abz"
        ;;
    pip) [ ! -e "{log}.fail" ] ;;
    esac
    ;;
*) exec "{real}" "$@" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path, repository):
    """The script, a lock, a project file, and no environment yet."""
    root = tmp_path / "checkout"
    (root / "tasks").mkdir(parents=True)
    shutil.copy(repository / "tasks" / "run", root / "tasks" / "run")
    (root / "tasks" / "requirements.lock").write_text("numpy==2.2 --hash=sha256:0\n")
    (root / "pyproject.toml").write_text("[project]\n")
    return root


@pytest.fixture
def python(tmp_path):
    """A Python that writes down what it is asked to install."""
    path = tmp_path / "python-that-pretends"
    path.write_text(FAKE_PYTHON.format(log=tmp_path / "log", real=sys.executable))
    path.chmod(0o755)
    return path


@pytest.fixture
def log(tmp_path):
    """What was asked of the Python so far, then forgotten."""

    def _log():
        path = tmp_path / "log"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        path.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]

    return _log


def run(checkout, *arguments, **environment):
    return subprocess.run(
        ["sh", str(checkout / "tasks" / "run"), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(checkout), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_script_is_posix_shell(repository):
    subprocess.run(["sh", "-n", str(repository / "tasks" / "run")], check=True)
    shell = shutil.which("dash")
    if shell:
        subprocess.run([shell, "-n", str(repository / "tasks" / "run")], check=True)


def test_the_script_can_be_executed(repository):
    assert os.access(repository / "tasks" / "run", os.X_OK)


def test_help_lists_every_task(checkout):
    text = run(checkout).stdout
    assert re.findall(r"^  ([a-z]+) ", text, re.MULTILINE) == list(TASKS)
    assert run(checkout, "--help").stdout == text


def test_an_unknown_task_is_refused_before_anything_is_installed(checkout, python, log):
    done = run(checkout, "dmeo", ABZ_PYTHON=str(python))
    assert done.returncode == 2
    assert "there is no task `dmeo`" in done.stderr
    assert log() == []
    assert not (checkout / ".venv").exists()


def test_the_environment_is_made_once(checkout, python, log):
    first = run(checkout, "abz", "all", ABZ_PYTHON=str(python))
    assert first.stdout == "ran abz all\n", first.stderr
    assert log() == ["venv", "pip", "pip"]
    second = run(checkout, "all", "--config", "a b.toml", ABZ_PYTHON=str(python))
    assert (second.stdout, second.stderr) == ("ran abz all --config a b.toml\n", "")
    assert log() == []


@pytest.mark.parametrize("changed", ["pyproject.toml", "tasks/requirements.lock"])
def test_a_changed_lock_or_project_is_installed_over(checkout, python, log, changed):
    run(checkout, "abz", ABZ_PYTHON=str(python))
    log()
    with (checkout / changed).open("a") as stream:
        stream.write("# changed\n")
    run(checkout, "abz", ABZ_PYTHON=str(python))
    assert log() == ["pip", "pip"]


def test_an_interrupted_installation_starts_again(checkout, python, log, tmp_path):
    fail = tmp_path / "log.fail"
    fail.touch()
    assert run(checkout, "abz", ABZ_PYTHON=str(python)).returncode != 0
    assert not (checkout / ".venv" / "abz-installed").exists()
    fail.unlink()
    log()
    done = run(checkout, "abz", ABZ_PYTHON=str(python))
    assert done.stdout.rstrip() == "ran abz"
    assert "interrupted" in done.stderr
    assert log() == ["venv", "pip", "pip"]


def test_an_environment_made_by_hand_is_kept(checkout, python, log):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(python, checkout / ".venv" / "bin" / "python")
    (checkout / ".venv" / "mine").touch()
    run(checkout, "abz", ABZ_PYTHON=str(python))
    assert (checkout / ".venv" / "mine").exists()
    assert log() == ["pip", "pip"]


def test_a_python_that_does_not_run_is_passed_over(checkout, python, tmp_path):
    shims = tmp_path / "shims"
    shims.mkdir()
    for name in ("python3", "python3.13"):
        (shims / name).write_text("#!/bin/sh\necho 'no such version' >&2\nexit 127\n")
        (shims / name).chmod(0o755)
    (shims / "python3.12").symlink_to(python)
    done = run(checkout, "abz", PATH=f"{shims}:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr


def test_a_wrong_abz_python_is_not_replaced_silently(checkout):
    done = run(checkout, "abz", ABZ_PYTHON="/no/such/python")
    assert done.returncode == 1
    assert "ABZ_PYTHON=/no/such/python" in done.stderr


def test_serve_says_how_to_get_a_site(checkout, python):
    done = run(checkout, "serve", ABZ_PYTHON=str(python))
    assert done.returncode == 1
    assert "tasks/run all" in done.stderr


def test_lock_says_that_uv_is_missing(checkout, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("sh", "dirname"):
        (bare / name).symlink_to(shutil.which(name))
    done = run(checkout, "lock", PATH=str(bare))
    assert done.returncode == 1
    assert "uv is not there" in done.stderr
