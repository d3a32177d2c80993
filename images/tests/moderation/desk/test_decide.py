"""Decisions from the desk: who may make them, and what stale ones do."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from imagekit_emulator.faults import Fault
from images.models import Decision, Image, RemovedPicture, State, Violation
from images.moderation import decisions
from images.tests.moderation.desk.conftest import (
    MANY,
    QUEUE,
    image_url,
    user_url,
)

pytestmark = pytest.mark.django_db
ACTIONS = ("approve", "take_down", "restore", "suspend", "reinstate")


@pytest.fixture
def people(browser_of, make_user, moderator, root):
    """Return a browser for each kind of person."""
    clerk = make_user("clerk@example.com", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["view_image", "change_image"])
    )
    return {
        "anonymous": Client(),
        "member": browser_of(make_user("member@example.com")),
        "staff": browser_of(clerk),
        "moderator": browser_of(moderator),
        "superuser": browser_of(root),
    }


@pytest.fixture
def ready(stored_image, root):
    """Make an image and its owner such that the action is possible."""

    def make(action: str) -> tuple[Image, User]:
        image = stored_image()
        if action == "restore":
            spam = Violation.SPAM
            decisions.take_down(image=image.pk, by=root, seen=0, reason=spam)
        if action == "reinstate":
            decisions.suspend(user=image.owner_id, by=root, reason=Violation.SPAM)
        return Image.objects.get(), User.objects.get(pk=image.owner_id)

    return make


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 302),
        ("member", 302),
        ("staff", 403),
        ("moderator", 302),
        ("superuser", 302),
    ],
)
def test_permission__of_each_action(people, ready, decide, action, who, status):
    image, owner = ready(action)
    about_user = action in ("suspend", "reinstate")
    before = Decision.objects.count()
    target = owner if about_user else image
    response = decide(target, action, people[who], reason="spam", note="Why.")
    assert response.status_code == status
    made = Decision.objects.count() - before
    assert made == (who in ("moderator", "superuser"))
    if made:
        decision = Decision.objects.first()
        assert (decision.action, decision.note) == (action, "Why.")
    else:
        row = (
            owner.pk
            if about_user
            else f"{image.pk}_{image.decision_count}_{image.file.name}"
        )
        body = {"action": action, "row": [str(row)], "reason": "spam"}
        assert people[who].post(MANY, body).status_code == status
        assert Decision.objects.count() == before


@pytest.mark.parametrize("who", ["anonymous", "member", "staff"])
def test_permission__to_look(people, stored_image, who):
    image = stored_image()
    for url in (QUEUE, image_url(image), user_url(image.owner)):
        assert people[who].get(url).status_code == (403 if who == "staff" else 302)


def test_permission__is_needed_for_each_kind_of_decision(
    people, stored_image, decide, make_user
):
    clerk = User.objects.get(email="clerk@example.com")
    clerk.user_permissions.add(Permission.objects.get(codename="moderate_image"))
    image = stored_image()
    page = people["staff"].get(image_url(image)).content
    assert b"Approve" in page
    assert b"Suspend" not in page
    response = decide(image.owner, "suspend", people["staff"], reason="spam")
    assert response.status_code == 403
    # Nor by the address of the other kind.
    assert decide(image, "suspend", reason="spam").status_code == 403
    assert decide(image.owner, "approve").status_code == 403
    assert not Decision.objects.exists()


def test_decision__needs_the_csrf_token(moderator, stored_image):
    client = Client(enforce_csrf_checks=True)
    client.force_login(moderator)
    image = stored_image()
    body = {"action": "approve", "seen": 0}
    assert client.post(f"{image_url(image)}decide/", body).status_code == 403
    assert client.get(f"{image_url(image)}decide/").status_code == 405
    assert not Decision.objects.exists()


def test_decision__leads_to_the_next_image(desk, stored_image):
    older, newer = stored_image(), stored_image()
    page = desk.get(QUEUE)
    assert page.context["image"] == newer
    body = {"action": "approve", "seen": 0, "next": page.context["next"]}
    body["file"] = newer.file.name
    page = desk.post(f"{image_url(newer)}decide/", body, follow=True)
    assert page.context["image"] == older
    assert "Approved" in page.content.decode()
    body |= {"next": page.context["next"], "file": older.file.name}
    page = desk.post(f"{image_url(older)}decide/", body, follow=True)
    assert "That was the last one." in page.content.decode()


def test_attack__a_stale_click_is_answered_clearly(desk, stored_image, decide, root):
    image = stored_image()
    decisions.approve(image=image.pk, by=root, seen=0)
    response = desk.post(
        f"{image_url(image)}decide/",
        {"action": "take_down", "reason": "spam", "seen": 0, "next": QUEUE},
        follow=True,
    )
    assert "Somebody else decided on this image meanwhile" in response.content.decode()
    assert response.context["image"] == image, "for another look"
    assert response.context["next"] == QUEUE
    assert Decision.objects.count() == 1
    assert Image.objects.get().state == State.VISIBLE


@pytest.mark.parametrize("action", ["approve", "take_down"])
def test_attack__a_picture_that_nobody_looked_at_is_not_decided_on(
    desk, stored_image, decide, action
):
    image = stored_image()
    Image.objects.filter(pk=image.pk).update(file="another")
    response = decide(image, action, reason="spam")
    page = desk.get(response["Location"]).content.decode()
    assert "The owner has replaced the picture meanwhile" in page
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": ""},
        {"reason": "boring"},
        {"seen": ""},
        {"seen": "9" * 5000},
        {"seen": -1},
        {"action": "hide"},
        {"action": ""},
        {"note": "a\x00b"},
        {"note": "x" * 1001},
    ],
    ids=str,
)
def test_decision__with_bad_input_is_shown_again(stored_image, decide, fields):
    image = stored_image()
    fields = {"reason": "spam", **fields}
    response = decide(image, fields.pop("action", "take_down"), **fields)
    assert response.status_code == 400
    assert "errornote" in response.content.decode()
    assert not Decision.objects.exists()


def test_attack__next_is_a_page_of_ours(stored_image, decide):
    for url in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        response = decide(stored_image(), "approve", next=url)
        assert response["Location"] == QUEUE


def test_decision__on_what_was_deleted(stored_image, decide):
    image = stored_image()
    image.delete()
    response = decide(image, "approve")
    assert response["Location"] == QUEUE
    assert decide(image, "approve", reason="x").status_code == 404


def test_restore__that_fails_is_said_and_changes_nothing(
    emulator, desk, stored_image, decide, django_capture_on_commit_callbacks
):
    image = stored_image()
    with django_capture_on_commit_callbacks(execute=True):
        decide(image, "take_down", reason="spam")
    image.refresh_from_db()
    emulator.faults.add(Fault("download", "status", status=500, every=1))
    emulator.faults.add(Fault("upload", "status", status=500, every=1))
    assert decide(image, "restore").status_code == 302
    emulator.faults.clear()
    page = desk.get(image_url(image)).content.decode()
    assert "the image stays down" in page
    after = Image.objects.get()
    assert (after.state, after.file.name) == (image.state, image.file.name)
    assert Decision.objects.count() == RemovedPicture.objects.count() == 1


def test_suspended__can_be_reinstated_but_not_the_deactivated(
    desk, stored_image, decide
):
    owner = stored_image().owner
    decide(owner, "suspend", reason="spam")
    assert b'value="reinstate"' in desk.get(user_url(owner)).content
    decide(owner, "reinstate")
    owner.refresh_from_db()
    assert owner.is_active
    # By an administrator, for whatever reason.
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert b'value="reinstate"' not in desk.get(user_url(owner)).content
    decide(owner, "reinstate")
    owner.refresh_from_db()
    assert not owner.is_active


def test_change_page__has_the_decisions_too(desk, stored_image):
    image = stored_image()
    url = f"/admin/images/image/{image.pk}/change/"
    page = desk.get(url)
    assert f'action="{image_url(image)}decide/"' in page.content.decode()
    assert page.context["next"] == url
