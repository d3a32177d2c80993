"""The API that controls the emulator itself, below `/_emulator/`."""

import re
from dataclasses import asdict

from werkzeug.wrappers import Request, Response

from imagekit_emulator.errors import ApiError
from imagekit_emulator.faults import Fault
from imagekit_emulator.json_api import answer, no_content, read_object, text_of
from imagekit_emulator.services import Services

TABLES = ("asset_tags", "assets", "used_tokens", "purges", "jobs")


def add_fault(services: Services, request: Request) -> Response:
    try:
        fault = Fault.from_json(read_object(request))
    except ValueError as error:
        raise ApiError(400, str(error)) from error
    services.faults.add(fault)
    return answer(asdict(fault), 201)


def list_faults(services: Services, request: Request) -> Response:
    return answer([asdict(fault) for fault in services.faults.all()])


def clear_faults(services: Services, request: Request) -> Response:
    services.faults.clear()
    return no_content()


def list_requests(services: Services, request: Request) -> Response:
    return answer(
        {
            "counts": services.requests.counts(),
            "ids": services.requests.id_counts(),
            "requests": services.requests.latest(),
        }
    )


def clear_requests(services: Services, request: Request) -> Response:
    services.requests.clear()
    return no_content()


def list_purges(services: Services, request: Request) -> Response:
    return answer(services.purges.all())


def set_webhook(services: Services, request: Request) -> Response:
    body = read_object(request)
    url = text_of(body, "url")
    if not re.match(r"https?://[^/\s]", url):
        raise ApiError(400, "The url parameter is not a valid URL.")
    services.webhooks.set(url, text_of(body, "secret"))
    return no_content()


def list_webhook_messages(services: Services, request: Request) -> Response:
    return answer(services.webhooks.messages())


def clear_webhook(services: Services, request: Request) -> Response:
    services.webhooks.clear()
    return no_content()


def reset(services: Services, request: Request) -> Response:
    clear_everything(services)
    return no_content()


def clear_everything(services: Services) -> None:
    """Empty the account: files, purges, faults, counters and webhooks."""
    with services.database.write() as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608
    services.faults.clear()
    services.requests.clear()
    services.webhooks.clear()
    services.blobs.clear()
