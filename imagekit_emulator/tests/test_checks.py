"""The grammar of upload checks."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagekit_emulator.checks import facts_of, holds, parse_checks
from imagekit_emulator.errors import ApiError
from imagekit_emulator.media_types import MediaInfo
from imagekit_emulator.tests.pictures import make_image

INFO = MediaInfo(mime="image/png", format="png", size=1500, width=640, height=480)
FIELDS = {
    "fileName": "photo.png",
    "folder": "/marketing",
    "tags": "sale, new",
    "useUniqueFileName": "false",
    "customMetadata": '{"brand":"X","price":5,"sold":true,"sizes":["s","m"]}',
}


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ('"file.size" <= 1500', True),
        ('"file.size" < "1.5kb"', True),
        ('"file.size" > 2mb', False),
        ('"file.size" = 1500', True),
        ('"file.mime" : "image/"', True),
        ('"file.mime" : image/', True),
        ('"file.mime" IN ["image/jpeg", "image/png"]', True),
        ('"file.mime" NOT IN ["image/jpeg"]', True),
        ('"request.folder" = marketing', False),
        ('"request.folder" : "/mark"', True),
        ('"request.useUniqueFileName" = false', True),
        ('"request.isPrivateFile" NOT = true', True),
        ('"request.tags" HAS "sale"', True),
        ('"request.tags" NOT HAS "old"', True),
        ('"mediaMetadata.width" >= 640 AND "mediaMetadata.height" < 480', False),
        ('"mediaMetadata.duration" > 1', False),
        ('"request.customMetadata.brand" = "X"', True),
        ('"request.customMetadata.price" > 4', True),
        ('"request.customMetadata.price" > 5', False),
        ('"request.customMetadata.sold" = true', True),
        ('"request.customMetadata.sizes" HAS "m"', True),
        ('"request.customMetadata.none" = "m"', False),
        ('"file.size" > 9000 OR "file.size" < 9 OR "file.mime" : "image"', True),
        ('"file.size" > 9000 AND "file.size" < 9 OR "file.mime" : "image"', True),
        ('"file.size" > 9000 AND ("file.size" < 9 OR "file.mime" : "image")', False),
    ],
)
def test_checks__evaluated(checks, expected):
    assert holds(parse_checks(checks), facts_of(FIELDS, INFO)) is expected


@pytest.mark.parametrize(
    "checks",
    [
        "file.size > 1",
        '"file.size"',
        '"file.size" >',
        '"file.size" > big',
        '"file.size" : 1',
        '"file.colour" = 1',
        '"file.size" > 1 AND',
        '("file.size" > 1',
        '"file.mime" IN "a"',
        '"file.mime" IN []',
        '"request.isPrivateFile" = maybe',
        '"request.tags" = "a"',
        '"file.size" > 1 "file.size" > 1',
        "(" * 50 + '"file.size" > 1' + ")" * 50,
        '"unfinished',
    ],
)
def test_checks__bad_syntax(checks):
    with pytest.raises(ApiError) as caught:
        parse_checks(checks)

    assert caught.value.status == 400


def test_checks__failed_upload_stores_nothing(api, app):
    form = {"fileName": "a.jpg", "checks": '"file.size" > "1mb"'}

    answer = api.post(
        "/api/v1/files/upload", data=form, files={"file": ("a", make_image())}
    )

    assert answer.status_code == 400
    assert api.get("/v1/files").json() == []
    assert not list((app.config.root / "blobs").glob("*/*"))


WORDS = ['"file.size"', '"file.mime"', '"request.customMetadata.price"', "AND", "OR"]
WORDS += ["NOT", "IN", "HAS", "(", ")", "[", "]", ",", "=", ":", ">", "1", '"x"', "1mb"]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text())
def test_checks__any_text_is_answered(text):
    # A text that is not an expression must raise this error, and no other.
    with suppress(ApiError):
        tree = parse_checks(text)
        assert holds(tree, facts_of(FIELDS, INFO)) in (True, False)
