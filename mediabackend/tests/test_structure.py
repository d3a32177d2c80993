"""Rules about the layout of the code that no linter checks."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from mediabackend import settings

ROOT = Path(__file__).resolve().parents[2]
APPS = ("mediabackend", "accounts", "images")
PACKAGES = (*APPS, "imagekit_emulator", "scripts")
# Third-party packages that may be imported inside functions: they load slowly.
SLOW_TO_LOAD = {"imagekitio", "httpx", "standardwebhooks", "cryptography", "qrcode"}
# These hold dotted names that are no Python paths.
NOT_PATHS = {"AUTH_USER_MODEL", "SILENCED_SYSTEM_CHECKS"}
PATH = re.compile(r"[a-z_]\w*(\.\w+)+")
# Two parts alone may also be a permission, a model, a logger or a system check.
OWN_PATH = re.compile(rf"({'|'.join(PACKAGES)})((\.\w+){{2,}}|(\.\w+)+:\w+)")
QUESTION = re.compile(r"(What|Where|Who|How|When|Which)\b")

FILES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
# The code without tests and migrations.
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in FILES
    if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
}
TREES = {path: ast.parse(text) for path, text in SOURCES.items()}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def strings_in(value: object) -> Iterator[str]:
    """Return all strings in nested dictionaries, lists and tuples, but not the keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings_in(item)


def unresolved(paths: set[str]) -> list[str]:
    """Return those of the dotted paths that lead to nothing."""
    broken = []
    for path in sorted(paths):
        try:
            pkgutil.resolve_name(path)
        except (ImportError, AttributeError) as error:
            broken.append(f"{path}: {error}")
    return broken


def test_settings__name_only_what_can_be_imported():
    named = {key: value for key, value in vars(settings).items() if key.isupper()}
    found = strings_in([named[key] for key in named.keys() - NOT_PATHS])
    paths = {
        text
        for text in found
        if PATH.fullmatch(text) and find_spec(text.partition(".")[0])
    }
    assert settings.DRF_STANDARDIZED_ERRORS["EXCEPTION_HANDLER_CLASS"] in paths
    assert {*settings.MIDDLEWARE, *settings.FILE_UPLOAD_HANDLERS} <= paths
    assert unresolved(paths) == []


def test_code__names_only_what_can_be_imported():
    """Including gunicorn's worker class and extensions of the OpenAPI document."""
    conf = ast.parse((ROOT / "gunicorn.conf.py").read_text())
    paths = {
        node.value
        for tree in (conf, *TREES.values())
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and OWN_PATH.fullmatch(node.value)
    }
    assert "mediabackend.wsgi:application" in paths
    assert unresolved(paths) == []


def test_modules__do_not_stand_beside_a_package_of_their_name():
    packages = {path.parent for path in FILES}
    assert [path for path in FILES if path.with_suffix("") in packages] == []


def test_folders_with_modules__are_packages():
    folders = {path.parent for path in FILES}
    assert [f for f in folders if not (f / "__init__.py").exists()] == []


def test_apps__have_at_most_twelve_modules_at_the_top():
    crowded = {name: len(list((ROOT / name).glob("*.py"))) for name in APPS}
    assert max(crowded.values()) <= 12, crowded


def test_imports__are_at_the_top_of_their_modules():
    """Except in `AppConfig.ready`, and of packages that load slowly."""
    hidden = [
        f"{path}:{statement.lineno}"
        for path, tree in TREES.items()
        for function in functions_in(tree)
        if not (path.endswith("/apps.py") and function.name == "ready")
        for statement in ast.walk(function)
        if not imported_by(statement) <= SLOW_TO_LOAD
    ]
    assert hidden == []


def imported_by(statement: ast.AST) -> set[str]:
    """Return the top-level packages that a statement imports."""
    if isinstance(statement, ast.ImportFrom):
        return {(statement.module or ".").partition(".")[0]}
    if isinstance(statement, ast.Import):
        return {alias.name.partition(".")[0] for alias in statement.names}
    return set()


def functions_in(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def test_module_docstrings__do_not_begin_with_a_question_word():
    riddles = [
        path
        for path, tree in TREES.items()
        if QUESTION.match(ast.get_docstring(tree) or "")
    ]
    assert riddles == []


def test_modules__have_at_most_250_lines():
    lengths = {path: len(text.splitlines()) for path, text in SOURCES.items()}
    assert [path for path, length in lengths.items() if length > 250] == []


def test_functions__have_at_most_40_lines():
    too_long = [
        f"{path}:{function.lineno} {function.name}"
        for path, tree in TREES.items()
        for function in functions_in(tree)
        if function.end_lineno - function.lineno >= 40
    ]
    assert too_long == []


def test_tests__take_the_database_of_the_run_from_its_fixture():
    """Otherwise `make test` would not know that they need a database."""
    direct = re.compile(r"""environ(\[|\.get\()["']DATABASE_URL""")
    names = re.compile(r"(test_\w+|conftest)\.py")
    assert [
        path
        for folder in (*PACKAGES, "benchmarks", "e2e")
        for path in (ROOT / folder).rglob("*.py")
        if names.fullmatch(path.name) and direct.search(path.read_text())
    ] == []
