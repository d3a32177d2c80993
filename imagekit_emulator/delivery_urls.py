"""The parts of delivery URLs."""

from urllib.parse import quote, unquote, urlsplit

from werkzeug.wrappers import Request

from imagekit_emulator.errors import DeliveryError
from imagekit_emulator.names import find_folder

# The characters of a path that clients leave as they are (RFC 3986, section 3.3).
PATH_SAFE = "/:@!$&'()*+,;=-._~"


def raw_target(request: Request, imagekit_id: str) -> str:
    """Return what follows `/<imagekit_id>/` in the request, encoded as it was sent.

    Some servers pass the raw URL on. Others pass a decoded path only, which is encoded
    again in the way of the official clients.
    """
    environ = request.environ
    prefix = f"{environ.get('SCRIPT_NAME', '')}/{imagekit_id}/"
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if raw.startswith(("http://", "https://")):
        parts = urlsplit(raw)
        raw = parts.path + (f"?{parts.query}" if parts.query else "")
    if raw.startswith(prefix):
        return str(raw.removeprefix(prefix))
    path = environ["PATH_INFO"].encode("latin-1", "replace").decode("utf-8", "replace")
    target = quote(path.removeprefix(f"/{imagekit_id}/"), safe=PATH_SAFE)
    query = environ.get("QUERY_STRING", "")
    return f"{target}?{query}" if query else target


def locate(path: str) -> tuple[str, str, str]:
    """Split a decoded path below the endpoint into folder, name and transformation.

    The transformation is the step that starts with `tr:`, anywhere in the path.
    """
    steps = [step for step in path.split("/") if step]
    if {".", ".."} & set(steps):
        raise not_found()
    files = [step for step in steps if not step.startswith("tr:")]
    if not files:
        raise not_found()
    transformation = ":".join(
        step.removeprefix("tr:") for step in steps if step.startswith("tr:")
    )
    return find_folder("/".join(files[:-1])), files[-1], transformation


def path_of_url(url_endpoint: str, url: str) -> str:
    """Return the decoded path and query below the endpoint, without a last `*`."""
    parts = urlsplit(url.removesuffix("*"))
    path = parts.path.removeprefix(urlsplit(url_endpoint).path)
    return unquote(path) + (f"?{parts.query}" if parts.query else "")


def decoded_path(target: str) -> str:
    return unquote(target.partition("?")[0])


def not_found() -> DeliveryError:
    return DeliveryError(404, "ENOENT", "The file does not exist in the media library")
