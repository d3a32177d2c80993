"""The API that lists and searches files and folders."""

import re
from typing import Any

from werkzeug.wrappers import Request, Response

from imagekit_emulator.answers import asset_object
from imagekit_emulator.errors import ApiError
from imagekit_emulator.expressions import ExpressionError
from imagekit_emulator.json_api import answer, whole_number
from imagekit_emulator.names import find_folder
from imagekit_emulator.search import Sql, compile_search
from imagekit_emulator.services import Services

MAX_LIMIT = 1000
REFUSED_SEARCHES = {
    "no_search_by_id": r"\bid (=|IN)",
    "no_search_below_path": r"\bpath :",
    "no_search_groups": r"\b(AND|OR)\b",
}
MAX_SKIP = 10**8
KINDS = {
    "file": "kind = 'file'",
    "file-version": "kind = 'file-version'",
    "folder": "kind = 'folder'",
    "all": "kind IN ('file', 'folder')",
}
# Relevance, duration and original date are not stored. They are replaced by the time
# of the upload, as the service does for files without an original date.
SORT_COLUMNS = {
    "NAME": "name",
    "CREATED": "created_at",
    "UPDATED": "updated_at",
    "HEIGHT": "height",
    "WIDTH": "width",
    "SIZE": "size",
    "RELEVANCE": "created_at",
    "DURATION": "created_at",
    "ORIGINAL_CREATION_DATE": "created_at",
}


def list_assets(services: Services, request: Request) -> Response:
    args = request.args
    limit = whole_number(args.get("limit", "1000"), "limit", 1, MAX_LIMIT)
    skip = whole_number(args.get("skip", "0"), "skip", 0, MAX_SKIP)
    _refuse_by_traits(services.config.traits, args.get("searchQuery", ""))
    conditions = _conditions(request)
    where = " AND ".join(f"({condition.text})" for condition in conditions)
    parameters: list[Any] = [v for one in conditions for v in one.parameters]
    with services.database.read() as connection:
        # Nothing of the request is in the text, only in the parameters.
        rows = connection.execute(
            f"SELECT * FROM assets WHERE {where}"  # noqa: S608
            f" ORDER BY {_order(services, args.get('sort', 'ASC_CREATED'))}"
            " LIMIT ? OFFSET ?",
            (*parameters, limit, skip),
        ).fetchall()
    return answer([asset_object(services.config.url_endpoint, row) for row in rows])


def _refuse_by_traits(traits: frozenset[str], query: str) -> None:
    for trait, pattern in REFUSED_SEARCHES.items():
        if trait in traits and re.search(pattern, query):
            raise ApiError(400, "The searchQuery parameter is invalid.")


def _order(services: Services, sort: str) -> str:
    direction, _, name = sort.partition("_")
    if direction not in {"ASC", "DESC"} or name not in SORT_COLUMNS:
        raise ApiError(400, "The sort parameter is invalid.")
    # `seq` gives equal rows a fixed order, so that pages neither overlap nor have gaps.
    column = SORT_COLUMNS[name]
    if name == "NAME" and "fold_names" in services.config.traits:
        column += " COLLATE NOCASE"
    return f"{column} {direction}, seq {direction}"


def _conditions(request: Request) -> list[Sql]:
    args = request.args
    kind = args.get("type", "file")
    if kind not in KINDS:
        raise ApiError(400, "The type parameter is invalid.")
    if args.get("searchQuery"):
        try:
            conditions = [compile_search(args["searchQuery"])]
        except ExpressionError as error:
            raise ApiError(
                400, f"The searchQuery parameter is invalid: {error}."
            ) from error
    else:
        conditions = [Sql(KINDS[kind]), *_plain_conditions(request)]
    if args.get("path"):
        conditions.append(Sql("folder = ?", (find_folder(args["path"]),)))
    file_type = args.get("fileType", "all")
    if file_type not in {"all", "image", "non-image"}:
        raise ApiError(400, "The fileType parameter is invalid.")
    if file_type != "all":
        conditions.append(Sql("ifnull(file_type, ?) = ?", (file_type, file_type)))
    return conditions


def _plain_conditions(request: Request) -> list[Sql]:
    """Return the conditions of parameters that count without a `searchQuery` only."""
    conditions = []
    if request.args.get("name"):
        conditions.append(Sql("name = ?", (request.args["name"],)))
    tags = [t.strip() for t in request.args.get("tags", "").split(",") if t.strip()]
    if tags:
        marks = ", ".join("?" * len(tags))
        text = f"SELECT version_id FROM asset_tags WHERE tag IN ({marks})"  # noqa: S608
        conditions.append(Sql(f"version_id IN ({text})", tuple(tags)))
    return conditions
