"""The table of permissions: a row for each route and each action of the admin."""

from collections.abc import Iterator

from mediabackend.tests.site.permission_rows import (
    ALL,
    ASKED,
    LOGIN,
    MODERATOR,
    MODERATORS_ASKED,
    NOBODY,
    NOT_FOR_MODERATORS,
    OK,
    OWNER,
    READERS,
    SIGNED_IN,
    SIGNED_IN_ASKED,
    STAFF,
    SUPERUSER,
    Model,
    Row,
)

_API = {
    "GET /api/v1/": READERS,
    "GET /api/v1/auth/signup/": ALL,
    "POST /api/v1/auth/signup/": ASKED,
    "POST /api/v1/auth/token/": ASKED,
    "POST /api/v1/auth/token/refresh/": ASKED,
    "POST /api/v1/auth/token/verify/": ASKED,
    "POST /api/v1/auth/login/": ASKED,
    "POST /api/v1/auth/logout/": SIGNED_IN_ASKED,
    "POST /api/v1/auth/logout/all/": SIGNED_IN,
    "POST /api/v1/auth/password/change/": SIGNED_IN_ASKED,
    "POST /api/v1/auth/password/reset/": ASKED,
    "POST /api/v1/auth/password/reset/confirm/": ASKED,
    "POST /api/v1/auth/email/verify/": ASKED,
    "POST /api/v1/auth/email/resend/": SIGNED_IN,
    "POST /api/v1/auth/email/change/": SIGNED_IN_ASKED,
    "POST /api/v1/auth/email/change/confirm/": ASKED,
    "GET PATCH /api/v1/users/me/": SIGNED_IN,
    "DELETE /api/v1/users/me/": SIGNED_IN_ASKED,
    "GET /api/v1/users/me/sessions/": SIGNED_IN,
    "DELETE /api/v1/users/me/sessions/{pk}/": OWNER,
    "GET /api/v1/users/me/export/": SIGNED_IN,
    "GET /api/v1/users/{id}/images/": READERS,
    "GET /api/v1/feed/": READERS,
    "GET /api/v1/images/": SIGNED_IN,
    "POST /api/v1/images/": SIGNED_IN_ASKED,
    "POST /api/v1/images/bulk-delete/": SIGNED_IN_ASKED,
    # Unlisted, as images are by default; test_who_sees_what.py has all.
    "GET /api/v1/images/{pk}/": READERS,
    "PUT /api/v1/images/{pk}/": Row(401, stranger=404, owner=400),
    "PATCH DELETE /api/v1/images/{pk}/": OWNER,
    "POST /api/v1/images/{pk}/report/": Row(401, stranger=400, owner=403),
    "GET /api/v1/deletions/{pk}/": OWNER,
    "GET /api/v1/uploads/limits/": SIGNED_IN,
    "POST /api/v1/uploads/": SIGNED_IN_ASKED,
    "POST /api/v1/uploads/{pk}/complete/": SIGNED_IN_ASKED,
}

_PAGES = {
    "GET POST /": ALL,
    "GET /accounts/": Row(LOGIN, stranger=OK),
    "POST /accounts/sessions/{pk}/end/": Row(LOGIN, stranger=404, owner=OK),
    "POST /accounts/sessions/end/": Row(LOGIN, stranger=OK),
    "GET /accounts/signed-out/": ALL,
    "GET POST PUT /accounts/reset/": ALL,
    "GET /accounts/reset/sent/": ALL,
    "GET /accounts/reset/done/": ALL,
    "GET /accounts/email/done/": ALL,
    "GET /accounts/sign-up/done/": ALL,
    # The link does not work.
    "GET POST PUT /accounts/reset/{uidb64}/{token}/": ASKED,
    "GET POST PUT /accounts/verify/{uidb64}/{token}/": ASKED,
    "GET POST PUT /accounts/email/{uidb64}/{token}/": ASKED,
    "GET POST PUT /accounts/sign-up/{token}/": ASKED,
    "GET /api/schema/": READERS,
    "GET /docs": READERS,
    "GET /redoc": READERS,
    "GET /docs/": ALL,
    "GET /redoc/": ALL,
    "GET POST PUT /api-auth/login/": ALL,
    "POST /api-auth/logout/": ALL,
    "GET POST /favicon.ico": ALL,
    "GET POST /redoc/redoc.standalone.js": ALL,
    "GET POST /healthz": ALL,
    "GET POST /readyz": ALL,
    # Whoever has METRICS_TOKEN is nobody of these.
    "GET POST /metrics": Row(404),
    # No secret is configured. ImageKit signs in by it, and nobody else does.
    "GET /webhooks/imagekit/": Row(405),
    "POST /webhooks/imagekit/": Row(404),
    # There is no such picture.
    "GET POST /_imagekit/{path}": Row(404),
}

_ADMIN = {
    "GET POST /admin/": STAFF,
    "GET POST /admin/login/": ALL,
    "GET /admin/logout/": Row(OK, staff=405),
    "POST /admin/logout/": ALL,
    "GET POST /admin/password_change/": STAFF,
    "GET /admin/password_change/done/": STAFF,
    "GET /admin/jsi18n/": STAFF,
    "GET POST PUT /admin/second-factor/": STAFF,
    "GET POST PUT /admin/second-factor/setup/": STAFF,
    "POST /admin/password_change/done/": Row(LOGIN, staff=405),
    "POST /admin/autocomplete/": Row(LOGIN, staff=405),
    "POST /admin/jsi18n/": Row(LOGIN, staff=405),
    # It asks for the model in the query.
    "GET /admin/autocomplete/": NOBODY,
    # No model has pages of its own elsewhere; no such page.
    "GET POST /admin/r/{content_type_id}/{object_id}/": Row(LOGIN, staff=404),
    "GET POST /admin/{url}": Row(LOGIN, staff=404),
    # Of the app `images`.
    "GET POST /admin/{app_label}/": Row(LOGIN, staff=404, moderator=OK, superuser=OK),
    "POST /admin/images/image/view/": MODERATOR,
    "GET /admin/images/image/view/": Row(LOGIN, staff=405),
    "GET /admin/images/decision/queue/": MODERATOR,
    "GET /admin/images/decision/statistics/": MODERATOR,
    "GET /admin/images/decision/image/{pk}/": MODERATOR,
    "GET /admin/images/decision/user/{pk}/": MODERATOR,
    # It looks at each row's right; this request names none.
    "GET /admin/images/decision/many/": Row(LOGIN, staff=405),
    "POST /admin/images/decision/many/": Row(LOGIN, staff=400),
    "POST /admin/images/decision/image/{pk}/decide/": MODERATORS_ASKED,
    "GET /admin/images/decision/image/{pk}/open/": Row(LOGIN, staff=405),
    "POST /admin/images/decision/image/{pk}/open/": SUPERUSER,
    "POST /admin/images/decision/user/{pk}/decide/": MODERATORS_ASKED,
    "POST /admin/images/decision/queue/": Row(LOGIN, staff=405),
    "POST /admin/images/decision/statistics/": Row(LOGIN, staff=405),
    "POST /admin/images/decision/image/{pk}/": Row(LOGIN, staff=405),
    "POST /admin/images/decision/user/{pk}/": Row(LOGIN, staff=405),
    "GET /admin/images/decision/image/{pk}/decide/": Row(LOGIN, staff=405),
    "GET /admin/images/decision/user/{pk}/decide/": Row(LOGIN, staff=405),
    "GET POST /admin/accounts/user/{id}/password/": SUPERUSER,
}


_MODELS = {
    "accounts/user": Model(),
    "auth/group": Model(),
    "images/image": Model(view=MODERATOR, add=NOBODY, history=SUPERUSER),
    "images/decision": Model(view=MODERATOR, add=NOBODY, change=NOBODY, delete=NOBODY),
    "images/report": Model(view=MODERATOR, add=NOBODY, change=NOBODY, delete=NOBODY),
    "images/pendingdeletion": Model(add=NOBODY, change=NOBODY, delete=NOBODY),
    "events/event": Model(add=NOBODY, change=NOBODY, delete=NOBODY),
    "accounts/failedsignin": Model(add=NOBODY, change=NOBODY),
    "accounts/invitation": Model(change=NOBODY),
    "mediabackend/backgroundtask": Model(add=NOBODY, change=NOBODY, delete=NOBODY),
}

# The actions on the list of a model.
ACTIONS = {
    "accounts.User delete_selected": SUPERUSER,
    "accounts.User deactivate": SUPERUSER,
    "accounts.User activate": SUPERUSER,
    "accounts.User unlock": SUPERUSER,
    "auth.Group delete_selected": SUPERUSER,
    "accounts.User suspend_selected": SUPERUSER,
    "accounts.User reinstate_selected": SUPERUSER,
    "images.Image delete_selected": NOT_FOR_MODERATORS,
    "images.Image approve_selected": MODERATOR,
    "images.Image take_down_selected": MODERATOR,
    "images.Image restore_selected": MODERATOR,
    "images.Image suspend_owners": MODERATOR,
    "images.Image reinstate_owners": MODERATOR,
    "images.PendingDeletion retry": SUPERUSER,
    "events.Event send_again": SUPERUSER,
    "accounts.FailedSignIn delete_selected": SUPERUSER,
    "accounts.FailedSignIn unlock": SUPERUSER,
    "accounts.Invitation delete_selected": SUPERUSER,
    "accounts.Invitation revoke": SUPERUSER,
}


def _one_a_method(table: dict[str, Row]) -> Iterator[tuple[str, Row]]:
    for key, row in table.items():
        *methods, path = key.split()
        yield from ((f"{method} {path}", row) for method in methods)


ROUTES = dict(_one_a_method(_API | _PAGES | _ADMIN))
for _path, _model in _MODELS.items():
    ROUTES |= _one_a_method(_model.rows(f"/admin/{_path}/"))
