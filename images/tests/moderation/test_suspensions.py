"""Suspending and reinstating: what it ends, and who may."""

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from images.models import Violation
from images.moderation import decisions
from images.tests.moderation.conftest import URL

pytestmark = pytest.mark.django_db(transaction=True)


def test_suspend__ends_tokens_and_hides_images_until_reinstated(
    api, anonymous, make_public, user, moderator
):
    image = make_public()
    url = f"{URL}{image.pk}/"
    decisions.suspend_user(user=user.pk, by=moderator, reason=Violation.SPAM)
    assert api.get(url).status_code == 401
    assert anonymous.get(url).status_code == 404
    decisions.reinstate_user(user=user.pk, by=moderator)
    assert anonymous.get(url).status_code == 200
    # The sign-ins are over, though.
    assert api.get(url).status_code == 401


def test_attack__nobody_suspends_an_administrator_or_themselves(make_user, moderator):
    administrator = make_user("root@example.com", is_superuser=True)
    for target in (administrator, moderator):
        with pytest.raises(decisions.NotPossible):
            decisions.suspend_user(user=target.pk, by=moderator, reason=Violation.OTHER)
    assert User.objects.filter(is_active=False).count() == 0


def test_attack__moderators_do_not_suspend_each_other(make_user, moderator):
    other = make_user("other@example.com", is_staff=True)
    with pytest.raises(decisions.NotPossible):
        decisions.suspend_user(user=other.pk, by=moderator, reason=Violation.OTHER)
    administrator = make_user("root@example.com", is_superuser=True)
    decisions.suspend_user(user=other.pk, by=administrator, reason=Violation.OTHER)
    with pytest.raises(decisions.NotPossible):
        decisions.reinstate_user(user=other.pk, by=moderator)
    decisions.reinstate_user(user=other.pk, by=administrator)


@pytest.fixture
def dormant(make_user) -> User:
    """Nobody of the staff, with a permission that moderators lack."""
    dormant = make_user("dormant@example.com")
    dormant.user_permissions.add(Permission.objects.get(codename="change_group"))
    return dormant


def test_attack__nobody_suspends_an_account_that_has_more(dormant, moderator):
    with pytest.raises(decisions.NotPossible):
        decisions.suspend_user(user=dormant.pk, by=moderator, reason=Violation.OTHER)
    assert not User.objects.filter(is_active=False).exists()


def test_attack__nobody_reinstates_an_account_that_has_more(
    make_user, dormant, moderator
):
    root = make_user("root@example.com", is_superuser=True)
    decisions.suspend_user(user=dormant.pk, by=root, reason=Violation.OTHER)
    with pytest.raises(decisions.NotPossible):
        decisions.reinstate_user(user=dormant.pk, by=moderator)
    decisions.reinstate_user(user=dormant.pk, by=root)
