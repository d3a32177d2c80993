"""Metrics and logs of a running gunicorn, and Prometheus, which reads the metrics."""

import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from e2e.api_client import Member
from e2e.servers import Server, bare_environ, gunicorn_server
from scripts.processes import free_port, running
from scripts.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.deep, pytest.mark.any_database]
TOKEN = "kaXn3-0Vd9qTz7Lw_4cPmYh2RsBf8JgU"
HEALTH = {"method": "GET", "route": "/healthz", "status": "200"}


@pytest.fixture(scope="module")
def site(code: Path, tmp_path_factory, database_url: str) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("metrics")
    variables = {"METRICS_TOKEN": TOKEN, "LOG_FORMAT": "json"}
    with gunicorn_server(code, folder, database_url, **variables) as server:
        assert len(metric_folders(folder)) == 1
        yield server
    assert metric_folders(folder) == []


def metric_folders(folder: Path) -> list[Path]:
    return list((folder / "tmp").glob("mediabackend-metrics-*"))


def get(server: Server, path: str, **headers: str) -> httpx.Response:
    """Ask on a new connection, which any worker may take."""
    return httpx.get(server.url + path, headers=headers, trust_env=False)


def value_of(server: Server, name: str, **labels: str) -> float:
    response = get(server, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.text)
    samples = [sample for family in families for sample in family.samples]
    return sum(
        sample.value
        for sample in samples
        if sample.name == f"mediabackend_{name}"
        and sample.labels.items() >= labels.items()
    )


def workers(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children()


def files(server: Server) -> set[str]:
    (folder,) = metric_folders(server.folder)
    return {path.name for path in folder.iterdir()}


def test_counts__of_all_workers_are_added_up(site):
    before = value_of(site, "requests_total", **HEALTH)
    for _ in range(60):
        get(site, "/healthz")
    assert value_of(site, "requests_total", **HEALTH) - before == 60
    assert {"0.pid", "1.pid", "counter_0.db", "counter_1.db"} <= files(site)


def test_memory__is_that_of_all_workers(site):
    seen = value_of(site, "process_resident_memory_bytes")
    real = sum(worker.memory_info().rss for worker in workers(site))
    assert seen == pytest.approx(real, rel=0.1)


def test_counts__outlive_their_worker(site):
    for _ in range(20):
        get(site, "/healthz")
    before, names = value_of(site, "requests_total", **HEALTH), files(site)
    killed = workers(site)[0]
    os.kill(killed.pid, signal.SIGKILL)
    wait_for(lambda: killed.pid not in {one.pid for one in workers(site)})
    wait_for(lambda: {"0.pid", "1.pid"} <= files(site))
    wait_for(lambda: get(site, "/healthz").status_code == 200)
    assert value_of(site, "requests_total", **HEALTH) >= before
    # The new worker goes on with the files of the old one.
    assert {name for name in files(site) if "counter" in name} == {
        name for name in names if "counter" in name
    }


def test_metrics__are_hidden_from_others(site):
    assert get(site, "/metrics").status_code == 404
    headers = {"Authorization": f"Bearer {TOKEN[:-1]}"}
    assert get(site, "/metrics", **headers).status_code == 404


def test_log__is_json_to_the_last_line(site, make_member: Callable[..., Member]):
    member = make_member(site)
    user = member.http.get("/api/v1/users/me/", headers={"X-Request-ID": "mine-1"})
    member.http.get("/api/v1/users/me/", headers={"X-Forwarded-For": "192.0.2.7"})
    wait_for(lambda: '"ip": "192.0.2.7"' in site.log.read_text())
    lines = [json.loads(line) for line in site.log.read_text().splitlines()]
    assert {line["logger"] for line in lines} >= {"gunicorn.error", "gunicorn.access"}
    time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
    assert all(time.fullmatch(line["time"]) for line in lines)
    (mine,) = (line for line in lines if line["request_id"] == "mine-1")
    assert mine["user_id"] == user.json()["id"]
    assert (mine["path"], mine["status"]) == ("/api/v1/users/me/", 200)


@pytest.fixture(scope="module")
def prometheus(site, code: Path, tmp_path_factory) -> Iterator[httpx.Client]:
    """Run Prometheus with the configuration of deploy/, each second."""
    if not shutil.which("prometheus"):
        pytest.skip("Prometheus is not installed")
    folder = tmp_path_factory.mktemp("prometheus")
    shutil.copytree(code / "deploy" / "prometheus", folder, dirs_exist_ok=True)
    (folder / "token").write_text(TOKEN)
    file, port = folder / "prometheus.yml", free_port()
    text = file.read_text()
    for old, new in {
        "/etc/prometheus/mediabackend-token": str(folder / "token"),
        "127.0.0.1:8000": site.url.removeprefix("http://"),
        "15s": "1s",
    }.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    command = (
        "prometheus",
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with (
        running(command, folder, bare_environ(), folder / "log"),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        wait_for(lambda: is_ready(client))
        yield client


def is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def query(client: httpx.Client, text: str) -> list[float]:
    answer = client.get("/api/v1/query", params={"query": text}).json()
    return [float(one["value"][1]) for one in answer["data"]["result"]]


def test_prometheus__reads_the_metrics(prometheus, site):
    get(site, "/healthz")
    wait_for(lambda: query(prometheus, 'up{job="mediabackend"}') == [1])
    wait_for(lambda: query(prometheus, "mediabackend_database_up") == [1])
    counted = 'sum(mediabackend_requests_total{route="/healthz"})'
    assert query(prometheus, counted)[0] >= 1


def test_prometheus__evaluates_all_alerts(prometheus):
    def health() -> set[str]:
        groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
        return {rule["health"] for group in groups for rule in group["rules"]}

    wait_for(lambda: health() == {"ok"})
    alerts = prometheus.get("/api/v1/alerts").json()["data"]["alerts"]
    assert [
        one["labels"]["alertname"] for one in alerts if one["state"] == "firing"
    ] == []
