"""An optional cache in front of the library, as the CDN is one.

It shows what applications meet in production: a deleted file is still delivered from
the cache until its URL is purged.
"""

import json
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

from imagekit_emulator.services import Services


class CdnCache:
    """Answers by path and query. Does nothing unless the account is set to cache."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._enabled = services.config.cdn_cache

    def find(self, request: Request, target: str) -> Response | None:
        if not self._enabled:
            return None
        with self._services.database.read() as connection:
            row = connection.execute(
                "SELECT * FROM cached WHERE key = ?", (_key(target),)
            ).fetchone()
        if row is None:
            return None
        try:
            file = self._services.blobs.path(row["blob"]).open("rb")
        except FileNotFoundError:
            return None
        response = Response(
            wrap_file(request.environ, file),
            headers=json.loads(row["headers"]),
            direct_passthrough=True,
        )
        response.headers["x-cache"] = "Hit from cloudfront"
        return response

    def add(self, target: str, response: Response) -> None:
        """Keep a good answer, whose bytes are then read from the cache."""
        if not self._enabled or response.status_code != 200:
            return
        with self._services.blobs.scratch() as file:
            for chunk in response.iter_encoded():
                file.write(chunk)
            blob = self._services.blobs.keep(file)
        response.close()
        kept = {k: v for k, v in response.headers.items() if k != "Content-Length"}
        with self._services.database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO cached (key, blob, headers) VALUES (?, ?, ?)",
                (_key(target), blob, json.dumps(kept)),
            )
        response.response = self._services.blobs.path(blob).open("rb")


def _key(target: str) -> str:
    path, question_mark, query = target.partition("?")
    return f"/{unquote(path)}{question_mark}{query}"
