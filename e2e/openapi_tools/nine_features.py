"""The nine features with a client that openapi-python-client has generated."""

import sys
from pathlib import Path

from client import AuthenticatedClient, Client
from client.api.account import account_delete, account_export, account_get
from client.api.auth import auth_sign_in, auth_sign_up
from client.api.images import (
    images_delete,
    images_get,
    images_list,
    images_update,
    images_upload,
)
from client.models import (
    Error,
    ImageEdit,
    ImagePage,
    ImageUpload,
    PasswordConfirmation,
    SignedUp,
    SignIn,
    SignUp,
    Tokens,
    UploadedImage,
    User,
)
from client.models.image import Image
from client.types import File

server, email, password, path = sys.argv[1:]
anonymous = Client(base_url=server)


def picture() -> File:
    return File(
        payload=Path(path).open("rb"), file_name="a.jpg", mime_type="image/jpeg"
    )


signed_up = auth_sign_up.sync(
    client=anonymous, body=SignUp(email=email, password=password)
)
assert isinstance(signed_up, SignedUp)
assert signed_up.user.email == email
tokens = auth_sign_in.sync(
    client=anonymous, body=SignIn(email=email, password=password)
)
assert isinstance(tokens, Tokens)
api = AuthenticatedClient(base_url=server, token=tokens.access)
upload = ImageUpload(file=picture(), caption="Dunes")
image = images_upload.sync(client=api, body=upload, idempotency_key="one")
assert isinstance(image, UploadedImage)
seen = images_get.sync(image.id, client=api)
assert isinstance(seen, Image)
assert seen.caption == "Dunes"
edited = images_update.sync(image.id, client=api, body=ImageEdit(caption="Dawn"))
assert isinstance(edited, UploadedImage)
assert edited.caption == "Dawn"
replaced = images_update.sync(image.id, client=api, body=ImageUpload(file=picture()))
assert isinstance(replaced, UploadedImage)
assert replaced.url != image.url
page = images_list.sync(client=api, page_size=10, search="dawn")
assert isinstance(page, ImagePage)
assert [one.id for one in page.results] == [image.id]
user = account_get.sync(client=api)
assert isinstance(user, User)
assert user.image_count == 1
export = account_export.sync(client=api)
assert isinstance(export, File)
assert export.payload.read(2) == b"PK"
assert images_delete.sync_detailed(image.id, client=api).status_code == 204
confirmation = PasswordConfirmation(password=password)
deleted = account_delete.sync_detailed(client=api, body=confirmation)
assert deleted.status_code == 204
again = auth_sign_in.sync(client=anonymous, body=SignIn(email=email, password=password))
assert isinstance(again, Error)
sys.stdout.write("done")
