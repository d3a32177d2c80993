"""A site of several parts: two instances behind nginx, and their services."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import redis

from e2e.api_client import Member
from e2e.databases import frozen_copy
from e2e.nginx import find_nginx, nginx
from e2e.parts import Part
from e2e.pgbouncer import find_pgbouncer, pgbouncer
from e2e.servers import answers, laptop_environ
from scripts.postgres import Cluster, find_binaries, throwaway_cluster
from scripts.processes import free_port

KEYS = {
    "IMAGEKIT_PRIVATE_KEY": "private_of_this_site",
    "IMAGEKIT_PUBLIC_KEY": "public_of_this_site",
}


@dataclass(frozen=True)
class Site:
    """The running parts; `url` is that of nginx."""

    url: str
    instances: tuple[Part, Part]
    worker: Part
    postgres: Cluster
    redis: Part
    imagekit: Part
    code: Path
    environ: Mapping[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py; return its output."""
        return _manage(self.code, self.environ, *arguments)

    def files_of(self, member: Member) -> set[str]:
        """Return the paths of this member's files at ImageKit."""
        owner = member.http.get("/api/v1/users/me/").json()["id"]
        with self._imagekit_client() as client:
            asked = {"path": f"/media/{owner}", "limit": "1000"}
            answer = client.get("/v1/files", params=asked).raise_for_status()
        return {file["filePath"] for file in answer.json()}

    def counters(self) -> int:
        """Return the number of counters in Redis."""
        with redis.Redis(port=urlsplit(self.redis.url).port) as client:
            return client.dbsize()

    @contextmanager
    def slow_uploads(self, seconds: float) -> Iterator[None]:
        """Delay the answers to uploads; the files are stored at once."""
        slow = {"operation": "upload", "kind": "latency", "seconds": seconds}
        with self._imagekit_client() as client:
            faults = "/_emulator/faults"
            client.post(faults, json=slow | {"every": 1}).raise_for_status()
            yield
            client.delete(faults).raise_for_status()

    def _imagekit_client(self) -> httpx.Client:
        auth = (KEYS["IMAGEKIT_PRIVATE_KEY"], "")
        return httpx.Client(base_url=self.imagekit.url, auth=auth, trust_env=False)


@contextmanager
def running_site(
    code: Path, folder: Path, *, pooled: bool = False, **variables: str
) -> Iterator[Site]:
    """Run a site with these environment variables; `pooled` adds PgBouncer."""
    _require_programs(pooled)
    with ExitStack() as stack:
        postgres = stack.enter_context(throwaway_cluster())
        environ = laptop_environ(folder)
        cache = stack.enter_context(redis_server(folder))
        imagekit = stack.enter_context(_imagekit(code, folder, environ))
        environ |= KEYS | {
            "IMAGEKIT_API_URL": imagekit.url,
            "IMAGEKIT_URL_ENDPOINT": f"{imagekit.url}/demo",
            "DATABASE_URL": postgres.url,
            "CACHE_URL": cache.url,
            "TASKS_BACKEND": "database",
            **variables,
        }
        _manage(code, environ, "migrate", "--verbosity=0")
        if pooled:
            environ |= stack.enter_context(_pool(folder, postgres.url))
        parts = [_instance(code, folder, environ, name) for name in ("a", "b")]
        for part in (*parts, worker := _worker(code, folder, environ)):
            stack.enter_context(part)
        front = nginx(folder, [part.url for part in parts])
        yield Site(
            url=stack.enter_context(front).url,
            instances=tuple(parts),
            worker=worker,
            postgres=postgres,
            redis=cache,
            imagekit=imagekit,
            code=code,
            environ=environ,
        )


@contextmanager
def _pool(folder: Path, postgres_url: str) -> Iterator[dict[str, str]]:
    """Run PgBouncer; yield the variables to use it.

    They have a replica too, which is empty like one that has fallen far behind.
    """
    with pgbouncer(folder, postgres_url) as pool_url:
        yield {
            "DATABASE_URL": pool_url,
            "PREPARED_STATEMENTS": "false",
            "DATABASE_REPLICA_URL": frozen_copy(postgres_url),
        }


def _require_programs(pooled: bool) -> None:
    programs = {
        "nginx": find_nginx(),
        "PostgreSQL": find_binaries(),
        "Redis": shutil.which("redis-server"),
        "PgBouncer": find_pgbouncer() or not pooled,
    }
    if missing := [name for name, found in programs.items() if not found]:
        pytest.skip(f"Not installed: {', '.join(missing)}")


def _instance(code: Path, folder: Path, environ: Mapping[str, str], name: str) -> Part:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "1"}
    return Part(
        command=(sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"),
        cwd=code,
        environ={**environ, **own},
        log=folder / f"instance-{name}.log",
        is_ready=lambda: answers(url),
        url=url,
    )


def _worker(code: Path, folder: Path, environ: Mapping[str, str]) -> Part:
    log = folder / "worker.log"
    return Part(
        command=(sys.executable, "manage.py", "run_worker"),
        cwd=code,
        environ=environ,
        log=log,
        is_ready=lambda: "The worker runs." in log.read_text(),
    )


def _imagekit(code: Path, folder: Path, environ: Mapping[str, str]) -> Part:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    return Part(
        command=(
            *(sys.executable, "manage.py", "imagekit_emulator", "--port", str(port)),
            *("--root", str(folder / "imagekit")),
            *("--private-key", KEYS["IMAGEKIT_PRIVATE_KEY"]),
            *("--public-key", KEYS["IMAGEKIT_PUBLIC_KEY"]),
        ),
        cwd=code,
        environ=environ,
        log=folder / "imagekit.log",
        is_ready=lambda: _listens(url),
        url=url,
    )


def _listens(url: str) -> bool:
    try:
        httpx.get(url, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def redis_server(folder: Path) -> Part:
    port = free_port()
    line = ("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "")
    return Part(
        command=(*line, "--dir", str(folder)),
        cwd=folder,
        environ={},
        log=folder / "redis.log",
        is_ready=lambda: _pongs(port),
        url=f"rediscache://127.0.0.1:{port}/0",
    )


def _pongs(port: int) -> bool:
    try:
        with redis.Redis(port=port) as client:
            return client.ping()
    except redis.RedisError:
        return False


def _manage(code: Path, environ: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        (sys.executable, "manage.py", *arguments),
        cwd=code,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
