"""compose.yaml, compose.demo.yaml, the Dockerfile and deploy/, without running them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

import mediabackend
from e2e.compose import ROOT, Service, read_services
from e2e.nginx import find_nginx, nginx, tls_nginx
from scripts.deploy_env import QUESTIONS, variables

ANSWERS = {question.name: f"value-of-{question.name}" for question in QUESTIONS}
DOTENV = variables(ANSWERS)
FILES = ("compose.yaml", "compose.demo.yaml")
DOCUMENTED = set(
    re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)
)
# In .env for compose.yaml itself.
FOR_COMPOSE = {"DOMAIN", "POSTGRES_PASSWORD"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
UNITS = sorted((ROOT / "deploy/systemd").iterdir())


@pytest.fixture(params=FILES)
def services(request) -> dict[str, Service]:
    return read_services(request.param, DOTENV)


@pytest.fixture
def production() -> dict[str, Service]:
    return read_services("compose.yaml", DOTENV)


def commands_of(service: Service) -> list[list[str]]:
    """Return the commands that a service runs one after the other."""
    if service.command[:2] == ("sh", "-ec"):
        return [line.split() for line in re.split(r"\n|&&", service.command[2]) if line]
    return [list(service.command)]


def test_compose__runs_commands_that_exist(services):
    ours = [service for service in services.values() if service.is_ours]
    assert {"migrate", "web", "worker"} <= {service.name for service in ours}
    for service in ours:
        for command in commands_of(service):
            if command:
                assert command[:2] == ["python", "manage.py"]
                assert command[2] in get_commands()
            else:
                # That of the image.
                assert 'CMD ["gunicorn"]' in (ROOT / "Dockerfile").read_text()


def test_compose__sets_variables_that_exist(services):
    for service in services.values():
        if service.is_ours:
            known = DOCUMENTED | {f"{name}_FILE" for name in DOCUMENTED} | FOR_COMPOSE
            assert service.environ.keys() <= known


def test_compose__depends_on_services_with_what_it_waits_for(services):
    for service in services.values():
        for name, wanted in service.options.get("depends_on", {}).items():
            other = services[name].options
            if wanted["condition"] == "service_healthy":
                healthcheck = other.get("healthcheck", {"test": "that of the image"})
                assert "test" in healthcheck
            elif wanted["condition"] == "service_completed_successfully":
                assert other.get("restart", "no") == "no"
    for name in ("web", "worker"):
        waits = services[name].options["depends_on"]["migrate"]
        assert waits == {"condition": "service_completed_successfully"}


def test_compose__has_read_only_containers_that_cannot_gain_rights(production):
    for service in production.values():
        assert service.options["read_only"] is True
        assert service.options["security_opt"] == ["no-new-privileges:true"]
        if service.name != "database":
            assert service.options["cap_drop"] == ["ALL"]


def test_compose__publishes_ports_of_the_proxy_only(production):
    published = {n for n, service in production.items() if "ports" in service.options}
    assert published == {"proxy"}
    assert set(production["database"].options["networks"]) == {"back"}


def test_compose__never_uses_the_emulator_or_debug_in_production(production):
    text = (ROOT / "compose.yaml").read_text()
    assert "emulator" not in text
    assert "DEBUG" not in text
    assert "imagekit" not in production


def test_compose__gives_the_administrators_password_to_one_service(production):
    given = [n for n, service in production.items() if "secrets" in service.options]
    assert given == ["migrate"]


def test_compose__mounts_files_that_exist(services):
    for service in services.values():
        for volume in service.options.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source


def test_demonstration__is_for_this_machine_only():
    services = read_services("compose.demo.yaml", {})
    for service in services.values():
        for port in service.options.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_compose__does_not_start_without_the_answers():
    with pytest.raises(AssertionError, match="is not set"):
        read_services("compose.yaml", {})


def test_image__has_the_version_of_the_project():
    (version,) = re.findall(r"^ARG VERSION=(.+)$", DOCKERFILE, re.M)
    assert version == mediabackend.__version__


def test_image__has_no_secret_and_no_user_with_rights():
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.M) == ["10001:10001"]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert not {"!.env", "!secrets", "!.git"} & set(ignored)


@pytest.mark.parametrize("make", [nginx, tls_nginx])
def test_nginx__accepts_the_configuration(make, tmp_path):
    if not find_nginx():
        pytest.skip("nginx is not installed")
    part = make(tmp_path, ["unix:/run/mediabackend-web.sock"])
    done = subprocess.run([*part.command, "-t"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_caddy__accepts_the_configuration(tmp_path):
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("Caddy is not installed")
    command = [program, "validate", "--adapter", "caddyfile", "--config"]
    for upstream in ("web:8000", "unix//run/mediabackend-web.sock"):
        environ = {"DOMAIN": "media.example.com", "UPSTREAM": upstream}
        done = subprocess.run(
            [*command, str(ROOT / "deploy/Caddyfile")],
            env=environ | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert '"level":"warn"' not in done.stderr


def test_systemd__accepts_the_units(tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    for unit in UNITS:
        # It looks for the programs of the units too.
        text = unit.read_text().replace("/srv/mediabackend/.venv", sys.prefix)
        (tmp_path / unit.name).write_text(text)
    names = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        [program, "verify", "--man=no", *names], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd__starts_what_exists(unit: Path):
    for command in re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.M):
        program, *arguments = command.split()
        assert program.startswith("/srv/mediabackend/.venv/bin/")
        if arguments:
            assert arguments[0] == "manage.py"
            assert arguments[1] in get_commands()
        else:
            assert program.endswith("/gunicorn")
