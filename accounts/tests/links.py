"""Links that no account was ever sent."""

import pytest

TOKEN = "cx1mpl-0123456789abcdef0123456789abcdef"
# The first is "00000000-0000-0000-0000-000000000000", the second "admin".
NOBODY = "MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAw"

BAD_LINKS = [
    pytest.param({"uid": NOBODY}, "token", "invalid_token", id="nobody"),
    pytest.param({"uid": "YWRtaW4"}, "token", "invalid_token", id="no-uuid"),
    pytest.param({"uid": "_____w"}, "token", "invalid_token", id="no-text"),
    pytest.param({"uid": "ä"}, "token", "invalid_token", id="no-base64"),
    pytest.param({"uid": "a"}, "token", "invalid_token", id="bad-padding"),
    pytest.param({"uid": "a\x00"}, "uid", "null_characters_not_allowed", id="nul"),
    pytest.param({"uid": ""}, "uid", "blank", id="no-uid"),
    pytest.param({"uid": ["x"]}, "uid", "invalid", id="list"),
    pytest.param({"uid": "x" * 101}, "uid", "max_length", id="long-uid"),
    pytest.param({"token": TOKEN}, "token", "invalid_token", id="made-up"),
    pytest.param({"token": "-"}, "token", "invalid_token", id="dash"),
    pytest.param({"token": "a-b-c"}, "token", "invalid_token", id="dashes"),
    pytest.param({"token": "é-ü"}, "token", "invalid_token", id="not-ascii"),
    pytest.param({"token": ":::"}, "token", "invalid_token", id="colons"),
    pytest.param({"token": "z" * 14 + "-a"}, "token", "invalid_token", id="overflow"),
    pytest.param(
        {"token": "a\x00"}, "token", "null_characters_not_allowed", id="nul-token"
    ),
    pytest.param({"token": "x" * 1001}, "token", "max_length", id="long-token"),
]


def error_of(response) -> tuple[str, str]:
    assert response.status_code == 400, response.content
    error = response.json()["errors"][0]
    return error["attr"], error["code"]
