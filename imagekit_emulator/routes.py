"""The routes: method, path, name of the operation, handler and area."""

from dataclasses import dataclass
from functools import cache

from werkzeug.routing import Map, Rule

from imagekit_emulator import (
    account_api,
    control_api,
    files_api,
    folders_api,
    listing_api,
    placement_api,
    uploads,
    versions_api,
)
from imagekit_emulator.delivery import deliver
from imagekit_emulator.services import Handler


@dataclass(frozen=True)
class Route:
    """`operation` is its name in faults and counters; `area` decides who may call."""

    method: str
    path: str
    operation: str
    handler: Handler
    area: str = "api"


FILE = "/v1/files/<file_id>"
VERSION = f"{FILE}/versions/<version_id>"

ROUTES = (
    Route("POST", "/api/v1/files/upload", "upload", uploads.upload_v1, "upload"),
    Route("POST", "/api/v2/files/upload", "upload", uploads.upload_v2, "upload"),
    Route("GET", "/v1/files", "list", listing_api.list_assets),
    Route("GET", f"{FILE}/details", "details", files_api.details),
    Route("PATCH", f"{FILE}/details", "update", files_api.update),
    Route("DELETE", FILE, "delete", files_api.delete),
    Route(
        "POST",
        "/v1/files/batch/deleteByFileIds",
        "bulk_delete",
        files_api.bulk_delete,
    ),
    Route("POST", "/v1/files/addTags", "tags", files_api.add_tags),
    Route("POST", "/v1/files/removeTags", "tags", files_api.remove_tags),
    Route("POST", "/v1/files/removeAITags", "tags", files_api.remove_ai_tags),
    Route("GET", f"{FILE}/metadata", "metadata", files_api.metadata),
    Route("GET", "/v1/metadata", "metadata", files_api.metadata_from_url),
    Route("GET", "/v1/files/metadata", "metadata", files_api.metadata_from_url),
    Route("POST", "/v1/files/purge", "purge", account_api.purge),
    Route(
        "GET",
        "/v1/files/purge/<request_id>",
        "purge_status",
        account_api.purge_status,
    ),
    Route("GET", f"{FILE}/versions", "versions", versions_api.list_versions),
    Route("GET", VERSION, "versions", versions_api.get_version),
    Route("DELETE", VERSION, "versions", versions_api.delete_version),
    Route("PUT", f"{VERSION}/restore", "versions", versions_api.restore_version),
    Route("POST", "/v1/files/copy", "copy", placement_api.copy_file),
    Route("POST", "/v1/files/move", "move", placement_api.move_file),
    Route("PUT", "/v1/files/rename", "rename", placement_api.rename_file),
    Route("POST", "/v1/folder", "folders", folders_api.create_folder),
    Route("DELETE", "/v1/folder", "folders", folders_api.delete_folder),
    Route("POST", "/v1/bulkJobs/moveFolder", "folders", folders_api.move_folder),
    Route("POST", "/v1/bulkJobs/copyFolder", "folders", folders_api.copy_folder),
    Route("POST", "/v1/bulkJobs/renameFolder", "folders", folders_api.rename_folder),
    Route("GET", "/v1/bulkJobs/<job_id>", "folders", folders_api.job_status),
    Route("GET", "/v1/accounts/usage", "usage", account_api.usage),
    Route("POST", "/_emulator/faults", "", control_api.add_fault, "control"),
    Route("GET", "/_emulator/faults", "", control_api.list_faults, "control"),
    Route("DELETE", "/_emulator/faults", "", control_api.clear_faults, "control"),
    Route("GET", "/_emulator/requests", "", control_api.list_requests, "control"),
    Route("DELETE", "/_emulator/requests", "", control_api.clear_requests, "control"),
    Route("GET", "/_emulator/purges", "", control_api.list_purges, "control"),
    Route("POST", "/_emulator/webhook", "", control_api.set_webhook, "control"),
    Route(
        "GET",
        "/_emulator/webhook",
        "",
        control_api.list_webhook_messages,
        "control",
    ),
    Route("DELETE", "/_emulator/webhook", "", control_api.clear_webhook, "control"),
    Route("POST", "/_emulator/reset", "", control_api.reset, "control"),
)


@cache
def url_map(imagekit_id: str) -> Map:
    """Return the rules of all routes; the endpoint of a rule is its route."""
    delivery = Route("GET", f"/{imagekit_id}/<path:path>", "delivery", deliver, "cdn")
    return Map(
        [
            Rule(variant, endpoint=route, methods=[route.method], merge_slashes=False)
            for route in (*ROUTES, delivery)
            for variant in _spellings(route)
        ]
    )


def _spellings(route: Route) -> list[str]:
    """Return the path with and without a closing slash: clients send both."""
    if route.area == "cdn":
        return [route.path]
    return [route.path, f"{route.path}/"]
