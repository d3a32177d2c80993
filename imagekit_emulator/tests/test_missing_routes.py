"""Routes of ImageKit that the emulator does not have."""

from pathlib import Path

import pytest
from imagekitio import NotFoundError

README = Path(__file__).parents[1] / "README.md"

CALLS = {
    "/v1/customMetadataFields": lambda sdk: sdk.custom_metadata_fields.list(),
    "/v1/named-transformations": lambda sdk: sdk.named_transformations.list(),
    "/v1/saved-extensions": lambda sdk: sdk.saved_extensions.list(),
    "/v1/accounts/origins": lambda sdk: sdk.accounts.origins.list(),
    "/v1/accounts/url-endpoints": lambda sdk: sdk.accounts.url_endpoints.list(),
    "/v1/accounts/webhooks": lambda sdk: sdk.accounts.webhooks.list(),
}


@pytest.mark.parametrize("path", CALLS)
def test_missing_route__is_named_in_the_answer_and_the_readme(sdk, path):
    with pytest.raises(NotFoundError) as caught:
        CALLS[path](sdk)

    assert f"no GET {path};" in caught.value.body["message"]
    assert f"`{path}`" in README.read_text()


def test_missing_method(api):
    answer = api.put("/v1/files/purge")

    assert answer.status_code == 405
    assert "no PUT /v1/files/purge;" in answer.json()["message"]
