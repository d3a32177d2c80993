"""The API of the versions of a file."""

from werkzeug.wrappers import Request, Response

from imagekit_emulator.answers import asset_object
from imagekit_emulator.json_api import answer, no_content
from imagekit_emulator.services import Services


def list_versions(services: Services, request: Request, file_id: str) -> Response:
    rows = services.library.versions(file_id)
    return answer([asset_object(services.config.url_endpoint, row) for row in rows])


def get_version(
    services: Services, request: Request, file_id: str, version_id: str
) -> Response:
    row = services.library.version(file_id, version_id)
    return answer(asset_object(services.config.url_endpoint, row))


def delete_version(
    services: Services, request: Request, file_id: str, version_id: str
) -> Response:
    services.library.delete_version(file_id, version_id)
    return no_content()


def restore_version(
    services: Services, request: Request, file_id: str, version_id: str
) -> Response:
    row = services.library.restore_version(file_id, version_id)
    return answer(asset_object(services.config.url_endpoint, row))
