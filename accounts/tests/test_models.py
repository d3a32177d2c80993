import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.db.models import Value

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_create_user__without_email_is_an_error():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")


def test_create_user__keeps_the_email_in_lower_case():
    user = User.objects.create_user("Ann.Oel@Example.COM", "x")
    assert user.email == "ann.oel@example.com"
    assert User.objects.get_by_natural_key("ANN.OEL@example.com") == user


def test_create_superuser__may_use_the_admin():
    user = User.objects.create_superuser("root@example.com", "x")
    assert (user.is_staff, user.is_superuser, user.is_active) == (True, True, True)


def test_email__differing_in_case_only_is_refused_by_the_database():
    User.objects.create_user("ann@example.com")
    other = User.objects.create_user("other@example.com")
    with pytest.raises(IntegrityError):
        # Past every line of Python that would put it in lower case.
        User.objects.filter(pk=other.pk).update(email="ANN@example.com")


def test_key__is_a_uuid_of_version_7_and_grows():
    first = User.objects.create_user("a@example.com")
    second = User.objects.create_user("b@example.com")
    assert first.pk.version == second.pk.version == 7
    assert first.pk < second.pk


def version_of(user: User) -> int:
    return User.objects.get(pk=user.pk).token_version


def set_password(user: User) -> None:
    user.set_password("violet harbour lamp 7")
    user.save()


def set_password_only(user: User) -> None:
    user.set_password("violet harbour lamp 7")
    user.save(update_fields=["password"])


def assign_password(user: User) -> None:
    user.password = make_password("violet harbour lamp 7")
    user.save()


def load_password_later(user: User) -> None:
    later = User.objects.defer("password").get(pk=user.pk)
    later.set_unusable_password()
    later.save()


def save_asynchronously(user: User) -> None:
    user.set_unusable_password()
    async_to_sync(user.asave)()


def deactivate(user: User) -> None:
    user.is_active = False
    user.save()


def deactivate_only(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def update_many(user: User) -> None:
    user.is_active = False
    User.objects.bulk_update([user], ["is_active"])


def update_or_create(user: User) -> None:
    User.objects.update_or_create(email=user.email, defaults={"is_active": False})


@pytest.mark.parametrize(
    "change",
    [
        set_password,
        set_password_only,
        assign_password,
        load_password_later,
        save_asynchronously,
        deactivate,
        deactivate_only,
        update_many,
        update_or_create,
        lambda user: User.objects.update(password="!"),
        lambda user: User.objects.filter(email=user.email).update(is_active=False),
        lambda user: User.objects.update(is_active=Value(False)),
    ],
)
def test_token_version__moves_by(user, change):
    change(user)
    assert version_of(user) == 1


def rename(user: User) -> None:
    user.display_name = "Anne"
    user.save()


def rename_without_password(user: User) -> None:
    rename(User.objects.only("display_name").get(pk=user.pk))


def refresh_part(user: User) -> None:
    user.refresh_from_db(fields=["password"])
    rename(user)


@pytest.mark.parametrize(
    "change",
    [
        rename,
        rename_without_password,
        refresh_part,
        lambda user: User.objects.update(is_active=True, display_name="x"),
        lambda user: user.check_password(user.raw_password),
    ],
)
def test_token_version__does_not_move_by(user, change):
    change(user)
    assert version_of(user) == 0


def test_token_version__of_this_copy_is_the_new_one(user):
    set_password(user)
    assert user.token_version == 1
    set_password(user)
    assert user.token_version == version_of(user) == 2


def test_copy__that_was_refreshed_in_part_keeps_its_new_password(user):
    user.set_password("violet harbour lamp 7")
    user.refresh_from_db(fields=["token_version"])
    user.save()
    assert User.objects.get().check_password("violet harbour lamp 7")


@pytest.mark.parametrize(
    "check", [User.check_password, async_to_sync(User.acheck_password)]
)
def test_rehash__does_not_undo_a_new_password(user, settings, check):
    stale = User.objects.get()
    set_password(user)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert check(stale, user.raw_password)
    assert User.objects.get().check_password("violet harbour lamp 7")
    assert version_of(user) == 1


def test_session_hash__has_one_for_each_old_secret(user, settings):
    settings.SECRET_KEY_FALLBACKS = ["old" * 20]
    now, (before,) = user.get_session_auth_hash(), user.get_session_auth_fallback_hash()
    settings.SECRET_KEY = "old" * 20
    assert user.get_session_auth_hash() == before != now
