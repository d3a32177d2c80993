import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from images.models import Image

pytestmark = pytest.mark.django_db
OWN, FEED = "/api/v1/images/", "/api/v1/feed/"


@pytest.fixture
def images(user) -> None:
    measures = {"width": 64, "height": 48, "size": 1, "format": "jpeg"}
    for number in range(100):
        Image.objects.create(
            owner=user, file=f"{number}~id.jpg", visibility="public", **measures
        )


def plan_of(url: str, client) -> str:
    """Return the plan for the query that reads the page."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    (page,) = (q["sql"] for q in queries if 'FROM "images_image"' in q["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {page}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_lists__read_their_index_in_its_order(api, user, images):
    for start in (OWN, FEED, f"/api/v1/users/{user.pk}/images/"):
        for url in (start, api.get(start).json()["next"]):
            plan = plan_of(url, api)
            assert "TEMP B-TREE" not in plan, plan
            assert "images_image USING INDEX" in plan, plan
