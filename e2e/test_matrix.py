"""`make test-matrix`: it finds interpreters, and says which it did not find."""

import subprocess
import sys

from scripts.test_matrix import find_interpreter

THIS = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_interpreter__of_this_version_is_found():
    found = find_interpreter(THIS)
    assert found is not None
    answer = subprocess.run([found, "--version"], capture_output=True, text=True)
    assert answer.stdout.startswith(f"Python {THIS}.")


def test_interpreter__that_is_not_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_interpreter(THIS) is None


def test_missing_interpreters__are_named_and_no_success(tmp_path):
    command = [sys.executable, "-m", "scripts.test_matrix", "3.13-6.1"]
    environ = {"PYENV_ROOT": str(tmp_path), "PATH": str(tmp_path)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert "NOT FOUND on this machine: Python 3.13" in done.stdout
    assert done.returncode == 1
