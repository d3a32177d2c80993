"""Upload a folder of pictures to a running server, and compare what it stores.

`python -m scripts.try_pictures FOLDER URL` prints for each file whether it was refused,
whether its size or its pixels were changed, and which metadata were leaked. Metadata
are only looked for with exiftool. A new user owns the uploads, and is deleted in the
end. The exit status is 1 if a picture was changed or metadata were leaked.
"""

import io
import json
import re
import secrets
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pi_heif
from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

BROWSER = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8"
# Groups of exiftool that hold metadata, and tags in other groups that do.
METADATA = re.compile(
    r"(IFD|GPS|XMP|IPTC|Photoshop|Maker|MPF|Interop|JUMBF|C2PA|Trailer|Samsung|Apple)"
    r"|:(Comment|Software|Author|Artist|Copyright|MakeAndModel)$"
)
# They say how the picture is shown.
HARMLESS = re.compile(r":(Orientation|[XY]Resolution|ResolutionUnit|YCbCr\w+)$")


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("url", help="for example http://127.0.0.1:8000")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    with signed_up(options.url) as client:
        for path in sorted(options.folder.iterdir()):
            if path.is_file() and path.suffix != ".md":
                verdict, text = try_picture(client, path)
                counts[verdict] += 1
                print(f"{verdict:8} {path.name}: {text}", flush=True)
    print(", ".join(f"{number} {verdict}" for verdict, number in counts.items()))
    if not shutil.which("exiftool"):
        print("exiftool is not installed: leaks were not looked for.")
    return 1 if counts["CHANGED"] or counts["LEAKED"] else 0


@contextmanager
def signed_up(url: str) -> Iterator[httpx.Client]:
    """Sign up a user for the time of the block."""
    password = secrets.token_urlsafe(16)
    user = {"email": f"try-{secrets.token_hex(6)}@example.com", "password": password}
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        answer = client.post("/api/v1/auth/signup/", json=user)
        if answer.status_code != 201:
            sys.exit(f"The sign-up failed: {answer.text}")
        client.headers["Authorization"] = f"Bearer {answer.json()['access']}"
        try:
            yield client
        finally:
            body = {"password": password}
            client.request("DELETE", "/api/v1/users/me/", json=body)


def try_picture(client: httpx.Client, path: Path) -> tuple[str, str]:
    """Return a verdict, and the facts behind it."""
    sent = path.read_bytes()
    file = {"file": (path.name, sent, "application/octet-stream")}
    answer = client.post("/api/v1/images/", files=file)
    if answer.status_code != 201:
        return "REFUSED", f"{answer.status_code} {_reasons(answer)}"
    image = answer.json()
    text = f"{image['format']} {image['width']} x {image['height']}"
    if image["removed_metadata"]:
        text += f", removed: {', '.join(image['removed_metadata'])}"
    stored = client.get(f"{image['url'].partition('?')[0]}?tr=orig-true").content
    if changes := [*_changes(sent, stored), *_badly_delivered(client, image)]:
        return "CHANGED", f"{text}; {'; '.join(changes)}"
    if leaks := _metadata(stored):
        return "LEAKED", f"{text}; {', '.join(leaks)}"
    return "ok", text


def _reasons(answer: httpx.Response) -> str:
    try:
        return "; ".join(error["detail"] for error in answer.json()["errors"])
    except (ValueError, KeyError):
        return answer.text[:200]


def _changes(sent: bytes, stored: bytes) -> Iterator[str]:
    """Yield the differences between the pixels, or why they cannot be compared."""
    try:
        before, after = _decoded(sent), _decoded(stored)
    # Decoders raise errors of any kind.
    except Exception as error:
        yield f"not compared: {error!r}"
        return
    if before.size != after.size:
        yield f"size {before.size} became {after.size}"
    elif ImageChops.difference(before, after).getbbox(alpha_only=False):
        yield "other pixels"


def _badly_delivered(client: httpx.Client, image: dict[str, Any]) -> Iterator[str]:
    """Yield what a browser could not show, or would show in another size."""
    widths = {image["url"]: image["width"]}
    for entry in image["renditions"]["srcset"].split(", "):
        url, width = entry.split()
        widths[url] = int(width.removesuffix("w"))
    for url, width in widths.items():
        answer = client.get(url, headers={"Accept": BROWSER, "Authorization": ""})
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code != 200 or not kind.startswith("image/"):
            yield f"{url} answers {answer.status_code} {kind}"
        elif kind == "image/heic":
            yield f"{url} is HEIC"
        elif (seen := _decoded(answer.content).width) != width:
            yield f"{url} is {seen} pixels wide instead of {width}"


def _decoded(content: bytes) -> Image.Image:
    """Return the first frame, upright."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return ImageOps.exif_transpose(image).convert("RGBA")
    except UnidentifiedImageError:
        return pi_heif.open_heif(io.BytesIO(content)).to_pillow().convert("RGBA")


def _metadata(content: bytes) -> list[str]:
    """Return the metadata that exiftool finds, as `group:tag`."""
    program = shutil.which("exiftool")
    if program is None:
        return []
    command = [program, "-json", "-a", "-u", "-G1", "-"]
    seen = subprocess.run(command, input=content, capture_output=True, check=False)
    tags = json.loads(seen.stdout or b"[{}]")[0]
    return [
        f"{tag}={str(value)[:40]}"
        for tag, value in tags.items()
        if METADATA.search(tag) and not HARMLESS.search(tag)
    ]


if __name__ == "__main__":
    sys.exit(main())
