import pytest
from django.db import IntegrityError

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_create_user__without_address_is_an_error():
    with pytest.raises(ValueError, match="address"):
        User.objects.create_user("")


def test_create_user__keeps_the_address_in_lower_case():
    user = User.objects.create_user("Ann.Öl@Example.COM", "x")
    assert user.email == "ann.öl@example.com"
    assert User.objects.get_by_natural_key("ANN.ÖL@example.com") == user


def test_create_superuser__may_use_the_admin():
    user = User.objects.create_superuser("root@example.com", "x")
    assert (user.is_staff, user.is_superuser, user.is_active) == (True, True, True)


def test_address__differing_in_case_only_is_refused_by_the_database():
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
