"""Measure uploads through the server, and directly to ImageKit.

    DATABASE_URL=postgres://... python -m e2e.measure_direct [100]

Prints the CPU time of gunicorn's processes and the bytes of the requests that it gets,
for one upload. The pictures are JPEGs of 1 MiB; ImageKit is the emulator, in a process
of its own.
"""

import os
import sys
import tempfile
from pathlib import Path

import httpx

from e2e.api_client import Member
from e2e.pictures import MIB, noisy_jpeg
from e2e.project_copy import copy_project
from e2e.servers import Server, gunicorn_server


def main() -> None:
    number = int(sys.argv[1]) if sys.argv[1:] else 100
    with tempfile.TemporaryDirectory() as folder:
        code, own = Path(folder) / "code", Path(folder) / "run"
        own.mkdir()
        url = os.environ.get("DATABASE_URL", "")
        with gunicorn_server(copy_project(code), own, url) as server:
            member = Member.sign_up(server.url)
            sent: list[int] = []
            member.http.event_hooks["request"].append(
                lambda request: sent.append(int(request.headers["Content-Length"]))
            )
            content = noisy_jpeg(MIB)
            for upload in (through_server, directly):
                # The first upload starts threads and connections and imports code.
                upload(member, content)
                sent.clear()
                before = cpu_seconds(server)
                for _ in range(number):
                    upload(member, content)
                spent = (cpu_seconds(server) - before) / number
                print(  # noqa: T201
                    f"{upload.__name__}: {spent * 1000:.0f} ms CPU,"
                    f" {sum(sent) // number:,} bytes an upload"
                )


def through_server(member: Member, content: bytes) -> None:
    member.upload(content)


def directly(member: Member, content: bytes) -> None:
    body = {"filename": "a.jpg", "size": len(content), "content_type": "image/jpeg"}
    ticket = member.http.post("/api/v1/uploads/", json=body).json()
    file = {"file": ("a.jpg", content, "image/jpeg")}
    sent = httpx.post(
        ticket["upload_url"], data=ticket["fields"], files=file, trust_env=False
    )
    done = member.http.post(
        f"/api/v1/uploads/{ticket['id']}/complete/",
        json={"file_id": sent.json()["fileId"]},
    )
    assert done.status_code == 201, done.text


def cpu_seconds(server: Server) -> float:
    times = [process.cpu_times() for process in server.processes()]
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    main()
