"""`make deploy-env`."""

import shutil
import subprocess
from pathlib import Path

import pytest

from e2e.compose import ROOT, read_dotenv
from e2e.servers import bare_environ
from mediabackend.settings.environment import Environment
from mediabackend.settings.secrets import weak_secrets
from scripts.deploy_env import write

GIVEN = {
    "DOMAIN": "media.example.com",
    "IMAGEKIT_PRIVATE_KEY": "private_a$b=",
    "IMAGEKIT_PUBLIC_KEY": "public_c",
    "IMAGEKIT_URL_ENDPOINT": "https://ik.imagekit.io/demo",
    "MAIL_SERVER": "mail.example.com:587",
    "MAIL_USER": "media@example.com",
    "MAIL_PASSWORD": "p:a/s@s' w#rd",
    "DEFAULT_FROM_EMAIL": "Media <media@example.com>",
    "ADMIN_EMAIL": "boss@example.com",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with what `make deploy-env` needs."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "scripts").mkdir()
    for name in ("__init__.py", "deploy_env.py"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts")
    return tmp_path


def deploy_env(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("make", "deploy-env"),
        cwd=folder,
        env=bare_environ() | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_deploy_env__writes_what_nobody_else_can_read(folder):
    done = deploy_env(folder, **GIVEN)
    assert done.returncode == 0, done.stdout + done.stderr
    dotenv, password = folder / ".env", folder / "secrets/admin_password"
    assert dotenv.stat().st_mode & 0o777 == 0o600
    # Another user reads the password in the container; on the host nobody gets there.
    assert password.stat().st_mode & 0o777 == 0o444
    assert password.parent.stat().st_mode & 0o777 == 0o700
    assert len(password.read_text()) >= 24
    for secret in (GIVEN["MAIL_PASSWORD"], password.read_text()):
        assert secret not in done.stdout
    found = read_dotenv(dotenv)
    assert weak_secrets(found["SECRET_KEY"], [found["JWT_SECRET_KEY"]], []) == []
    assert found["SECRET_KEY"] != found["JWT_SECRET_KEY"]
    assert len(found["POSTGRES_PASSWORD"]) >= 40
    assert found["SITE_URL"] == "https://media.example.com"


def test_deploy_env__writes_a_mail_server_that_django_understands(folder):
    deploy_env(folder, **GIVEN)
    url = read_dotenv(folder / ".env")["EMAIL_URL"]
    found = Environment.email_url_config(url)
    assert found["EMAIL_HOST"] == "mail.example.com"
    assert found["EMAIL_HOST_USER"] == GIVEN["MAIL_USER"]
    assert found["EMAIL_HOST_PASSWORD"] == GIVEN["MAIL_PASSWORD"]
    assert found["EMAIL_USE_TLS"]


def test_deploy_env__writes_what_a_shell_takes_literally(folder):
    deploy_env(folder, **GIVEN)
    script = 'set -a; . ./.env; printf %s "$IMAGEKIT_PRIVATE_KEY|$DEFAULT_FROM_EMAIL"'
    shell = ("sh", "-c", script)
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True)
    assert done.stdout == "private_a$b=|Media <media@example.com>"


def test_deploy_env__refuses_to_overwrite(folder):
    deploy_env(folder, **GIVEN)
    before = (folder / ".env").read_text()
    done = deploy_env(folder, **GIVEN)
    assert done.returncode != 0
    assert ".env exists" in done.stdout
    assert (folder / ".env").read_text() == before
    with pytest.raises(FileExistsError):
        write(folder, GIVEN)


def test_deploy_env__keeps_the_administrators_password(folder):
    deploy_env(folder, **GIVEN)
    password = (folder / "secrets/admin_password").read_text()
    (folder / ".env").unlink()
    assert deploy_env(folder, **GIVEN).returncode == 0
    assert (folder / "secrets/admin_password").read_text() == password


def test_deploy_env__names_what_is_missing_where_nobody_can_be_asked(folder):
    given = GIVEN | {"DOMAIN": "", "MAIL_USER": ""}
    done = deploy_env(folder, **given)
    assert "Missing in the environment: DOMAIN, MAIL_USER." in done.stdout
    assert not (folder / ".env").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOMAIN", "https://media.example.com"),
        ("IMAGEKIT_URL_ENDPOINT", "ik.imagekit.io/demo"),
        ("MAIL_SERVER", "mail.example.com"),
        ("IMAGEKIT_PUBLIC_KEY", "it's"),
        ("MAIL_USER", "a\nb"),
    ],
)
def test_deploy_env__refuses_what_is_wrong(name, value, folder):
    done = deploy_env(folder, **GIVEN | {name: value})
    assert done.returncode != 0
    assert name in done.stdout
    assert not (folder / ".env").exists()


def test_deploy_env__takes_the_services_of_a_host(folder):
    own = {"DATABASE_URL": "postgres:///media", "EMAIL_URL": "smtp://localhost:25"}
    mail = {name: "" for name in GIVEN if name.startswith("MAIL_")}
    done = deploy_env(folder, **GIVEN | mail | own)
    assert done.returncode == 0, done.stdout
    found = read_dotenv(folder / ".env")
    assert found["DATABASE_URL"] == "postgres:///media"
    assert found["EMAIL_URL"] == "smtp://localhost:25"
    assert "POSTGRES_PASSWORD" not in found
