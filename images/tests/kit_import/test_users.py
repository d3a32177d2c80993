from datetime import UTC, datetime

import pytest
from django.test import override_settings

from accounts.models import User
from images.models import ImportedRow
from images.tests.kit_import.conftest import MOMENT

pytestmark = pytest.mark.django_db

HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "accounts.hashers.ImportedBcryptHasher",
]


def emails() -> set[str]:
    return set(User.objects.values_list("email", flat=True))


def test_dry_run__changes_nothing(kit, run):
    kit.add_user()
    outcome = run()
    assert outcome.code == 0
    assert "Dry run. To import: 1 users, 0 images." in outcome.text
    assert not User.objects.exists()
    assert not ImportedRow.objects.exists()


def test_users__are_imported(kit, import_):
    kit.add_user(" Ann@Example.com ")
    outcome = import_()
    assert outcome.code == 0
    assert "Imported: 1 users" in outcome.text
    user = User.objects.get()
    assert user.email == "ann@example.com"
    assert user.date_joined == MOMENT.replace(tzinfo=UTC)
    assert not user.email_verified
    assert user.is_active
    assert not user.is_staff
    assert (user.pk.version, user.item_count, user.content_version) == (7, 0, 0)


def test_users__sort_by_their_age(kit, import_):
    """Also within a millisecond."""
    for number in range(9, 0, -1):
        moment = MOMENT.replace(microsecond=123_000 + 100 * number)
        kit.add_user(f"{number}@example.com", created_at=moment)
    import_()
    found = User.objects.order_by("pk").values_list("email", flat=True)
    assert list(found) == [f"{number}@example.com" for number in range(1, 10)]


def test_users__keys_cannot_be_computed_without_the_secret(kit, import_):
    kit.add_user()
    keys = set()
    for secret in ("one " * 20, "two " * 20):
        with override_settings(SECRET_KEY=secret):
            import_()
        keys.add(User.objects.get().pk)
        User.objects.all().delete()
        ImportedRow.objects.all().delete()
    assert len(keys) == 2


def test_users__twice_the_same(kit, import_):
    kit.add_user()
    import_()
    before = list(User.objects.values())
    kit.add_user("bob@example.com")
    outcome = import_()
    assert outcome.code == 0
    assert "Imported: 1 users" in outcome.text
    assert "Imported before: 1 users" in outcome.text
    assert list(User.objects.filter(email="ann@example.com").values()) == before


def test_users__who_were_deleted_here_stay_deleted(kit, import_):
    kit.add_user()
    import_()
    User.objects.get().delete()
    assert import_().code == 0
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password",
    ["short", "a" * 72 + "more", "ü" * 40, "a" + "ß" * 40],
    ids=["short", "73 bytes", "80 bytes", "cut within a letter"],
)
def test_sign_in__with_the_old_password(kit, import_, settings, anonymous, password):
    settings.PASSWORD_HASHERS = HASHERS
    kit.add_user(password=password.encode())
    import_()
    assert User.objects.get().password.startswith("bcrypt$$2b$")
    form = {"email": "ann@example.com", "password": password}
    wrong = anonymous.post("/api/v1/auth/token/", form | {"password": "x" + password})
    assert wrong.status_code == 401
    tokens = anonymous.post("/api/v1/auth/token/", form)
    assert tokens.status_code == 200, tokens.json()
    user = User.objects.get()
    assert user.password.startswith("md5$")
    # A rehash ends no sign-in.
    assert user.token_version == 0
    assert anonymous.post("/api/v1/auth/token/", form).status_code == 200


def test_sign_in__after_the_rehash_the_whole_password_counts(
    kit, import_, settings, anonymous
):
    settings.PASSWORD_HASHERS = HASHERS
    kit.add_user(password=b"a" * 80)
    import_()
    url, form = "/api/v1/auth/token/", {"email": "ann@example.com"}
    assert anonymous.post(url, form | {"password": "a" * 80}).status_code == 200
    assert anonymous.post(url, form | {"password": "a" * 72}).status_code == 401


SALTED = "$2b$12$" + "a" * 21


@pytest.mark.parametrize(
    "hashed",
    [
        "plain text",
        "",
        "$2b$31$" + "a" * 21 + "u" + "a" * 31,
        "$2b$03$" + "a" * 21 + "u" + "a" * 31,
        SALTED + "a" + "a" * 31,
        SALTED + "u" + "a" * 30,
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g",
    ],
)
def test_users__without_a_usable_hash_need_a_new_password(
    kit, import_, settings, anonymous, hashed
):
    settings.PASSWORD_HASHERS = HASHERS
    kit.add_user(hashed=hashed or " ")
    outcome = import_()
    assert (outcome.code, outcome.number("no_password")) == (1, 1)
    form = {"email": "ann@example.com", "password": "plain text"}
    assert anonymous.post("/api/v1/auth/token/", form).status_code == 401
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("email", ["", "ann", "ann@-example.com", "änn@example.com"])
def test_users__with_an_email_that_no_account_can_have(kit, import_, email):
    user = kit.add_user(email)
    kit.add_image(user, "a1")
    outcome = import_()
    assert (outcome.code, outcome.number("email_invalid")) == (1, 1)
    assert outcome.number("no_account") == 1
    assert not User.objects.exists()


@pytest.fixture
def three_anns(kit) -> list[int]:
    """Return the ids of users with one email; the second one is the oldest."""
    old = datetime(2020, 1, 1)
    kit.add_user("bob@example.com")
    return [
        kit.add_user("Ann@example.com"),
        kit.add_user("ann@example.com", created_at=old),
        kit.add_user("ann@EXAMPLE.com"),
    ]


def test_same_email__is_listed(run, three_anns):
    outcome = run()
    assert (outcome.code, outcome.number("same_email")) == (1, 3)
    first, oldest, third = three_anns
    assert outcome.details("same_email") == [
        f"users/{oldest}  ann@example.com, not imported",
        f"users/{first}  ann@example.com, not imported",
        f"users/{third}  ann@example.com, not imported",
    ]


def test_same_email__must_be_decided(import_, three_anns):
    outcome = import_()
    assert outcome.code == 2
    assert "--same-email" in outcome.error
    assert outcome.number("same_email") == 3
    assert not User.objects.exists()


def test_same_email__skip(import_, three_anns):
    assert import_("--same-email=skip").code == 1
    assert emails() == {"bob@example.com"}


def test_same_email__keep_oldest(kit, import_, three_anns):
    for user in three_anns:
        kit.add_image(user, None)
    outcome = import_("--same-email=keep-oldest")
    assert outcome.code == 1
    assert emails() == {"bob@example.com", "ann@example.com"}
    assert User.objects.get(email__startswith="ann").date_joined.year == 2020
    # Images of the others belong to nobody, and not to the oldest.
    assert outcome.number("no_account") == 2


def test_same_email__in_two_forms_of_a_domain(kit, import_):
    kit.add_user("ann@bücher.example")
    kit.add_user("ann@xn--bcher-kva.example")
    outcome = import_()
    assert (outcome.code, outcome.number("email_taken")) == (1, 1)
    assert emails() == {"ann@xn--bcher-kva.example"}


def test_email__of_an_account_here(kit, import_, user):
    """The account here may be somebody else's: it gets no images."""
    theirs = kit.add_user("ANN@example.com")
    kit.add_image(theirs, None)
    for _ in range(2):
        outcome = import_()
        assert (outcome.code, outcome.number("email_taken")) == (1, 1)
        assert outcome.number("no_account") == 1
    assert User.objects.get() == user


def test_email__taken_at_the_last_moment(kit, import_, make_user, monkeypatch):
    kit.add_user()
    users = "images.management.kit_import.users"
    monkeypatch.setattr(f"{users}._without_taken", lambda accounts, report: accounts)
    make_user("ann@example.com")
    outcome = import_()
    assert (outcome.code, outcome.number("email_taken")) == (1, 1)
    assert User.objects.count() == 1
    assert not ImportedRow.objects.exists()


@pytest.mark.parametrize("moment", [None, datetime(1969, 7, 20)])
def test_users__without_a_time_that_a_key_can_have(kit, import_, moment):
    kit.add_user(created_at=moment)
    assert import_().code == 0
    assert User.objects.get().date_joined == datetime(1970, 1, 1, tzinfo=UTC)


def test_users__in_several_batches(kit, import_, monkeypatch):
    monkeypatch.setattr("images.management.kit_import.source.BATCH", 2)
    for number in range(5):
        kit.add_user(f"{number}@example.com")
    assert "Imported: 5 users" in import_().text
    assert User.objects.count() == 5
