"""The alerts for Prometheus in deploy/."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from mediabackend.site.database_metrics import DatabaseCollector
from mediabackend.site.metrics import MemoryCollector
from mediabackend.telemetry.counters import REGISTRY

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "prometheus"
DOCUMENT = FOLDER.parents[1] / "docs" / "monitoring.md"
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
# Only PostgreSQL has these.
OF_POSTGRESQL = {
    "mediabackend_database_connections",
    "mediabackend_database_connections_limit",
}


@pytest.fixture
def families(db) -> set[str]:
    """Return the names of all metrics, as Prometheus stores them."""
    collectors = (REGISTRY, MemoryCollector(None), DatabaseCollector())
    found = [family for one in collectors for family in one.collect()]
    return OF_POSTGRESQL | {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in found
    }


def names_in(text: str) -> set[str]:
    names = re.findall(r"\bmediabackend_\w+", text)
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in names}


def test_alerts__name_only_metrics_that_exist(families):
    text = (FOLDER / "alerts.yml").read_text()
    assert names_in(text) - families == set()


def test_document__describes_every_metric(families):
    rows = re.findall(r"^\| (`mediabackend_.*?) \|", DOCUMENT.read_text(), re.M)
    assert names_in(" ".join(rows)) == families


def test_document__says_what_to_do_about_every_alert():
    rows = re.findall(r"^\| (`[A-Z].*?) \|", DOCUMENT.read_text(), re.M)
    documented = re.findall(r"`(\w+)`", " ".join(rows))
    assert sorted(documented) == sorted(rule["alert"] for rule in ALERTS)


def test_alerts__are_all_tested():
    tested = set(
        re.findall(r"alertname: (\w+)", (FOLDER / "alerts_test.yml").read_text())
    )
    assert tested == {rule["alert"] for rule in ALERTS}


@pytest.mark.deep
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
    ],
    ids=" ".join,
)
def test_promtool__has_no_complaint(arguments):
    if not shutil.which("promtool"):
        pytest.skip("Prometheus is not installed")
    done = subprocess.run(
        ["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
