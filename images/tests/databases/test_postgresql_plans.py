"""With 10,000 images, each page reads only its rows, in the order of an index.

Half of the images are of one user, and older than all others; the newest ones are
of a suspended user.
"""

from base64 import b64encode
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from images.api.image_rows import own_images
from images.management.seeding import seed, seeded_email
from images.models import Image
from images.services.relisting import relist_images
from images.tests.databases.plans import Plan, explain, plans_of
from mediabackend.admin import BoundedPaginator

pytestmark = pytest.mark.django_db
IMAGES, USERS, LARGEST, SUSPENDED = 10_000, 1000, 5000, 500
# A page of 20, and whether there is another.
PAGE = 21
ADMIN_PAGE = 50
OWN, FEED, ADMIN = "/api/v1/images/", "/api/v1/feed/", "/admin/images/image/"


@pytest.fixture(scope="module")
def library(django_db_setup, django_db_blocker):
    """Fill the database once; changes by tests are rolled back."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            seed(IMAGES, USERS, LARGEST)
            suspend_newest()
            analyze()
            yield
            transaction.set_rollback(True)
        # Estimates are not rolled back, and other tests read them.
        analyze()


def suspend_newest() -> None:
    suspended = User.objects.get(email=seeded_email(1))
    newest = Image.objects.order_by("-pk").values("pk")[:SUSPENDED]
    Image.objects.filter(pk__in=newest).update(owner=suspended, visibility="public")
    User.objects.filter(pk=suspended.pk).update(is_active=False)
    relist_images()


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user, images_image")


@pytest.fixture
def largest(library) -> User:
    return User.objects.get(email=seeded_email(0))


@pytest.fixture
def owner(largest, sign_in) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {sign_in(largest)['access']}"})


@pytest.fixture
def admin(library, make_user) -> Client:
    client = Client()
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    return client


def page_of(plans: list[Plan]) -> Plan:
    """Return the plan of the statement that read the page."""
    images = [plan for plan in plans if "images_image" in plan.statement]
    assert "COUNT" not in images[-1].statement
    return images[-1]


def assert_flat(plan: Plan, index: str, rows: int = PAGE) -> None:
    """Fail if the plan reads more rows of this index than requested."""
    assert index in plan.indexes, plan.text
    assert not plan.kinds & {"Sort", "Incremental Sort", "Bitmap Heap Scan"}, plan.text
    assert not any(
        node["Node Type"] == "Seq Scan" and node["Relation Name"] == "images_image"
        for node in plan.nodes
    ), plan.text
    assert plan.rows_read("images_image") <= rows, plan.text
    assert plan.rows_read("accounts_user") <= rows, plan.text


def places(images) -> list[str]:
    """Return the query strings of a first, a deep and a previous page."""
    deep = images.order_by("-pk")[images.count() // 4].pk
    after = b64encode(f"p={deep}".encode()).decode()
    before = b64encode(f"r=1&p={deep}".encode()).decode()
    return ["", *(f"?{urlencode({'cursor': text})}" for text in (after, before))]


def test_own_list__reads_the_owner_s_index(owner, largest):
    for place in places(Image.objects.filter(owner=largest)):
        assert_flat(page_of(plans_of(owner, OWN + place)), "image_owner_newest")


def test_feed__reads_its_index(anonymous, library):
    for place in places(Image.objects.public()):
        assert_flat(page_of(plans_of(anonymous, FEED + place)), "image_feed")


def test_user_images__read_the_owner_s_index_of_public_images(anonymous, largest):
    url = f"/api/v1/users/{largest.pk}/images/"
    for place in places(Image.objects.public().filter(owner=largest)):
        plan = page_of(plans_of(anonymous, url + place))
        assert_flat(plan, "image_owner_public")


def test_profile__reads_no_image(owner):
    (plan,) = plans_of(owner, "/api/v1/users/me/")
    # With as few sessions as here, PostgreSQL uses an index of theirs or none.
    assert plan.tables == {"accounts_user", "accounts_session"}
    assert "accounts_user_pkey" in plan.indexes
    assert plan.rows_read("accounts_user") == 1


def test_image__is_read_by_its_key(owner, anonymous, largest):
    image = Image.objects.public().filter(owner=largest)[0]
    for client in (owner, anonymous):
        plan = page_of(plans_of(client, f"{OWN}{image.pk}/"))
        assert_flat(plan, "images_image_pkey", rows=1)


@pytest.mark.parametrize(
    ("query", "index", "rows"),
    [
        ("", "images_image_pkey", ADMIN_PAGE),
        ("?p=20", "images_image_pkey", 20 * ADMIN_PAGE),
        ("?created=30", "images_image_pkey", ADMIN_PAGE),
        ("?state__exact=hidden", "image_not_visible", ADMIN_PAGE),
        ("?missing_since__isempty=0", "image_missing", ADMIN_PAGE),
        ("?left_in_place__exact=1", "image_left_in_place", ADMIN_PAGE),
    ],
)
def test_admin_list__reads_an_index_and_counts_no_further_than_it_shows(
    admin, query, index, rows
):
    plans = plans_of(admin, ADMIN + query)
    assert_flat(page_of(plans), index, rows)
    for plan in plans:
        if "COUNT" in plan.statement:
            assert "Index Only Scan" in plan.kinds, plan.text


@pytest.mark.parametrize(
    "words", ["quokka", "QUOKKA leaf", f"{seeded_email(0)} quokka"]
)
def test_admin_search__reads_the_index_of_the_texts(admin, largest, words):
    """PostgreSQL reads the whole table for the same words without the index."""
    found = Image.objects.filter(owner=largest).order_by("pk")[7]
    caption = "A quokka eats a leaf"
    Image.objects.filter(pk=found.pk).update(caption=caption)
    with connection.cursor() as cursor:
        # As VACUUM does: a long list of new entries makes the index costly.
        cursor.execute("SELECT gin_clean_pending_list('image_texts')")
    analyze()
    url = f"{ADMIN}?{urlencode({'q': words})}"
    assert [image.caption for image in admin.get(url).context["cl"].queryset] == [
        caption
    ]
    plan = page_of(plans_of(admin, url))
    assert "image_texts" in plan.indexes, plan.text
    assert plan.rows_read("images_image") < 10, plan.text
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX image_texts")
    plan = page_of(plans_of(admin, url))
    assert plan.rows_read("images_image") >= LARGEST


def test_admin_list__says_how_many_there_are_and_ends_at_a_depth(admin):
    first = admin.get(ADMIN)
    assert first.context["cl"].result_count == pytest.approx(IMAGES, rel=0.1)
    beyond = BoundedPaginator.DEPTH // ADMIN_PAGE + 1
    assert admin.get(f"{ADMIN}?p={beyond}").status_code == 302


@pytest.mark.parametrize(
    ("index", "url"),
    [
        ("image_owner_newest", OWN),
        ("image_feed", FEED),
        ("image_owner_public", "/api/v1/users/{}/images/"),
        ("image_not_visible", f"{ADMIN}?state__exact=hidden"),
        ("image_missing", f"{ADMIN}?missing_since__isempty=0"),
    ],
)
def test_pages_without_their_index__are_noticed(owner, admin, largest, index, url):
    """The checks above fail for a plan without the index."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")
    client = admin if url.startswith(ADMIN) else owner
    plan = page_of(plans_of(client, url.format(largest.pk)))
    with pytest.raises(AssertionError):
        assert_flat(plan, index, ADMIN_PAGE)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_own_images__read_the_owner_s_index_when_they_are_prepared(largest, mode):
    """PostgreSQL may use either kind of plan for a prepared statement."""
    page = own_images(largest.pk).order_by("-id")[:PAGE]
    sql, params = page.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        cursor.execute(f"PREPARE page (uuid) AS {sql.replace('%s', '$1')}")
    # Both parameters are the owner.
    plan = explain("EXECUTE page (%s)", params[:1])
    with connection.cursor() as cursor:
        # It would outlive the transaction.
        cursor.execute("DEALLOCATE page")
    assert_flat(plan, "image_owner_newest")


def test_images_of_one_owner__without_the_owner_in_front_are_not_flat(largest):
    """The reason for `of_owner`: this is PostgreSQL's plan otherwise."""
    plain = Image.objects.filter(owner=largest).order_by("-pk")[:PAGE]
    plan = explain(*plain.query.sql_with_params())
    assert plan.rows_read("images_image") > IMAGES - LARGEST
