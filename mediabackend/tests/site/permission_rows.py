"""The rows of the table of permissions."""

from dataclasses import dataclass

# A status code, or one of the following words.
Outcome = int | str

# 2xx, or a redirect to anywhere but a sign-in page.
OK = "ok"
# A redirect to a sign-in page.
LOGIN = "login"
# The page was shown, but its menu of actions did not hold this one.
NOT_OFFERED = "not offered"

# Roles that a row does not name get what these get.
_LIKE = {
    "suspended": "anonymous",
    "suspended, session": "anonymous",
    "stranger": "anonymous",
    "owner": "stranger",
    "staff": "stranger",
    "moderator": "staff",
    "superuser": "staff",
}


@dataclass(frozen=True)
class Row:
    """The status that each role gets; the roles are those of `roles.ROLES`."""

    anonymous: Outcome
    suspended: Outcome | None = None
    stranger: Outcome | None = None
    owner: Outcome | None = None
    staff: Outcome | None = None
    moderator: Outcome | None = None
    superuser: Outcome | None = None

    def of(self, role: str) -> Outcome:
        outcome: Outcome | None = getattr(self, role, None)
        return self.of(_LIKE[role]) if outcome is None else outcome


ALL = Row(OK)
# No token is needed, but a bad one is refused.
READERS = Row(OK, suspended=401, stranger=OK)
SIGNED_IN = Row(401, stranger=OK)
# Let in, and told what is missing in the empty request.
ASKED = Row(400)
SIGNED_IN_ASKED = Row(401, stranger=400)
OWNER = Row(401, stranger=404, owner=OK)

STAFF = Row(LOGIN, staff=OK)
SUPERUSER = Row(LOGIN, staff=403, superuser=OK)
MODERATOR = Row(LOGIN, staff=403, moderator=OK, superuser=OK)
MODERATORS_ASKED = Row(LOGIN, staff=403, moderator=400, superuser=400)
# The page is shown to moderators, without this in its menu.
NOT_FOR_MODERATORS = Row(LOGIN, staff=403, moderator=NOT_OFFERED, superuser=OK)
# Not even superusers.
NOBODY = Row(LOGIN, staff=403)


@dataclass(frozen=True)
class Model:
    """The pages of a model in the admin: who may look, add, change and delete."""

    view: Row = SUPERUSER
    add: Row = SUPERUSER
    change: Row = SUPERUSER
    delete: Row = SUPERUSER
    # For those who may look, unless it shows the emails of people.
    history: Row | None = None

    def rows(self, path: str) -> dict[str, Row]:
        one = f"{path}{{object_id}}/"
        return {
            f"GET POST {path}": self.view,
            f"GET POST {path}add/": self.add,
            f"GET {one}change/": self.view,
            f"POST {one}change/": self.change,
            f"GET POST {one}delete/": self.delete,
            f"GET POST {one}history/": self.history or self.view,
            # An old URL, which redirects to `change/` and looks nothing up.
            f"GET POST PUT PATCH DELETE {one}": STAFF,
        }
