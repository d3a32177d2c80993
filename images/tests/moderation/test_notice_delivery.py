"""Delivery of the mails to owners about decisions."""

import pytest
from django.core import mail as django_mail
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from accounts.tests.mail_backends import BROKEN, mails_through
from images.models import Image, OwnerNotice, Report, Violation
from images.moderation import decisions, notices
from images.tests.moderation.notice_mails import take_down, the_mail

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("named_site"),
]
State = OwnerNotice.State


def test_undoing__before_the_mail_was_sent_tells_only_the_end(image, moderator):
    take_down(image, moderator)
    image.refresh_from_db()
    decisions.restore_image(image=image.pk, by=moderator, seen=image.decision_count)
    assert "Your image is restored" in the_mail()
    states = OwnerNotice.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.REPLACED, State.SENT]


def test_undoing__a_suspension_before_its_mail_tells_only_the_end(user, moderator):
    decisions.suspend_user(user=user.pk, by=moderator, reason=Violation.SPAM)
    decisions.reinstate_user(user=user.pk, by=moderator, tell_owner=False)
    notices.tell_owners_soon()
    assert django_mail.outbox == []


def test_many__decisions_with_the_same_words_are_one_mail(
    stored_image, moderator, user, stranger
):
    mine = [stored_image() for _ in range(3)]
    for image in (*mine, stored_image(owner=stranger)):
        take_down(image, moderator)
    notices.tell_owners_soon()
    by_owner = {mail.to[0]: mail for mail in django_mail.outbox}
    assert len(django_mail.outbox) == 2
    mail = by_owner[user.email]
    assert mail.subject == "[Pictures] 3 of your images were taken down"
    assert all(str(image.pk) in mail.body for image in mine)


def test_mail__to_a_deleted_account_is_dropped(image, moderator, user):
    take_down(image, moderator)
    user.delete()
    notices.tell_owners_soon()
    assert django_mail.outbox == []
    assert OwnerNotice.objects.get().state == State.GONE


def test_mail__about_an_image_that_was_deleted_is_sent(image, moderator):
    take_down(image, moderator)
    Image.objects.all().delete()
    assert f"Image {image.pk}" in the_mail()


def test_mail__that_fails_is_tried_again(image, moderator, caplog):
    take_down(image, moderator)
    with override_settings(**mails_through(BROKEN)):
        notices.tell_owners_soon()
    notice = OwnerNotice.objects.get()
    assert (notice.state, notice.attempts) == (State.WAITING, 1)
    assert "ConnectionRefusedError: mail.example.com" in notice.last_error
    assert "will be tried again" in caplog.text
    # Not before a minute has gone.
    assert notices.tell_owners(5) == 0
    OwnerNotice.objects.update(due_at=timezone.now())
    assert "Your image was taken down" in the_mail()


def test_mail__that_fails_for_days_is_given_up(image, moderator, caplog):
    take_down(image, moderator)
    OwnerNotice.objects.update(attempts=19)
    with override_settings(**mails_through(BROKEN)):
        notices.tell_owners_soon()
    assert OwnerNotice.objects.get().state == State.FAILED
    assert "was given up" in caplog.text
    call_command("tell_owners")
    assert django_mail.outbox == []
    call_command("tell_owners", failed=True)
    assert "Your image was taken down" in the_mail()


def test_process__that_dies_leaves_the_mail_to_another(image, moderator, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*args):
        raise Killed

    take_down(image, moderator)
    with monkeypatch.context() as patch:
        patch.setattr(notices, "_send", die)
        with pytest.raises(Killed):
            notices.tell_owners(1)
    assert notices.tell_owners(1) == 0
    OwnerNotice.objects.update(due_at=timezone.now())
    assert "Your image was taken down" in the_mail()


def test_decision__that_is_rolled_back_tells_nobody(image, moderator, monkeypatch):
    from images.moderation import decisions as module

    monkeypatch.setattr(module, "write_image", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_down(image, moderator)
    assert not OwnerNotice.objects.exists()
    assert not Report.objects.exists()


def test_queue__holds_no_words(image, moderator, settings):
    from django_tasks_db.models import DBTaskResult

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    take_down(image, moderator, note="Private words.")
    notices.tell_owners_soon()
    kinds = DBTaskResult.objects.values_list("task_path", "args_kwargs")
    path = "images.moderation.notices.tell_owners_in_background"
    assert (path, {"args": [], "kwargs": {}}) in list(kinds)
    assert "Private" not in str(list(kinds))
    assert django_mail.outbox == []
