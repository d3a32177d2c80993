"""The table of images in partitions, as docs/scale.md has it: nobody notices.

On PostgreSQL only, see conftest.py.
"""

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from images.models import Image, Report, Violation
from images.moderation.decisions import restore, take_down
from images.outbox.models import PendingDeletion
from images.tests import many_rows
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db

SQL = Path(__file__).resolve().parents[3] / "docs/examples/partition_images.sql"
URL = "/api/v1/images/"
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'images_image'"
_RULES = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = 'images_image'::regclass
"""


def rows(sql: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())


def partition() -> None:
    with connection.cursor() as cursor:
        # What waits for the end of this transaction would keep tables from changing.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Without parameters: the text is sent as it stands.
        cursor.execute(SQL.read_text())
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def before(api, stored_image) -> Image:
    """Store an image in the table as the migrations make it."""
    image = stored_image(caption="Before")
    partition()
    return image


def test_table__keeps_what_the_migrations_made(before):
    """Compared with a table that they make, and which nobody has touched."""
    indexes, rules = rows(_INDEXES), rows(_RULES)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE images_image CASCADE")
    with connection.schema_editor() as editor:
        editor.create_model(Image)
    key = "images_image_pkey"
    assert rules.pop(key) == "PRIMARY KEY (id, owner_id)"
    made = rows(_RULES)
    made.pop(key)
    assert rules == made
    indexes.pop(key)
    plain = {name: sql.replace(" ON ONLY ", " ON ") for name, sql in indexes.items()}
    made = rows(_INDEXES)
    made.pop(key)
    assert plain == made


def test_api__works_on_partitions(before, api, user, remote_paths, client_of, stranger):
    keyed = {"HTTP_IDEMPOTENCY_KEY": "once"}
    body = {"file": make_image(64, 48), "visibility": "public"}
    first = api.post(URL, body, format="multipart", **keyed)
    body["file"] = make_image(64, 48)
    again = api.post(URL, body, format="multipart", **keyed)
    assert (first.status_code, again.json()) == (201, first.json())
    other = {"file": make_image(64, 48)}
    assert api.post(URL, other, format="multipart").status_code == 201
    listed = api.get(URL).json()
    assert (listed["count"], len(listed["results"])) == (3, 3)
    assert listed["results"][-1]["caption"] == "Before"
    one = f"{URL}{first.json()['id']}/"
    etag = api.get(one)["ETag"]
    patched = api.patch(one, {"caption": "Sea"}, format="json", HTTP_IF_MATCH=etag)
    assert patched.json()["caption"] == "Sea"
    for visibility in ("private", "public"):
        moved = api.patch(one, {"visibility": visibility}, format="json")
        assert moved.json()["visibility"] == visibility
    file = {"file": make_image(80, 48)}
    assert api.put(one, file, format="multipart").json()["width"] == 80
    assert api.get(URL, {"search": "before"}).json()["count"] == 1
    bulk = {"ids": [str(before.pk), str(user.pk)]}
    gone = api.post(f"{URL}bulk-delete/", bulk, format="json").json()
    assert gone == {"deleted": [str(before.pk)], "not_found": [str(user.pk)]}
    others = client_of(stranger)
    assert others.delete(one).status_code == 404
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404
    call_command("sweep_files", grace=0)
    call_command("reconcile_files", "--older-than", "0s")
    assert len(remote_paths()) == Image.objects.count() == api.get(URL).json()["count"]


def test_moderation__works_on_partitions(before, api, user, client_of, stranger):
    reports = f"{URL}{before.pk}/report/"
    reporter = client_of(stranger)
    assert reporter.post(reports, {"reason": "spam"}).status_code == 201
    assert reporter.post(reports, {"reason": "spam"}).status_code == 200
    taken = take_down(image=before.pk, by=stranger, seen=0, reason=Violation.SPAM)
    assert taken.image_id == before.pk
    assert reporter.get(f"{URL}{before.pk}/").status_code == 404
    restore(image=before.pk, by=stranger, seen=1)
    assert reporter.get(f"{URL}{before.pk}/").status_code == 200
    # The reports go with the image, though no constraint says so any more.
    assert Report.objects.count() == 1
    user.delete()
    assert not Report.objects.exists()
    assert not Image.objects.exists()
    assert PendingDeletion.objects.exists()


def partitions_in(plan: str) -> int:
    return len(set(re.findall(r"images_image_p\d+", plan)))


def plans_of(queries: CaptureQueriesContext, owner: UUID) -> list[str]:
    """Return the plans of the queries on images, whose parameters are all `owner`."""
    plans = []
    with connection.cursor() as cursor:
        # What the server takes for a prepared statement once it is used often.
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        for query in queries:
            sql = query["sql"]
            if 'FROM "images_image"' not in sql:
                continue
            cursor.execute(f"PREPARE probe AS {sql}")
            values = ", ".join([f"'{owner}'"] * sql.count("$"))
            parameters = f"({values})" if values else ""
            cursor.execute(f"EXPLAIN EXECUTE probe {parameters}")
            plans.append(str(cursor.fetchall()))
            cursor.execute("DEALLOCATE probe")
    return plans


def test_owners_list__reads_one_partition(before, api, user):
    many_rows.add_users(100)
    many_rows.add_images(5_000, owner_id=many_rows.user_key("n % 100"))
    many_rows.analyze()
    with CaptureQueriesContext(connection) as queries:
        assert api.get(URL).status_code == 200
        assert api.get(URL, {"search": "before"}).json()["count"] == 1
    counts = [partitions_in(plan) for plan in plans_of(queries, user.pk)]
    assert counts == [1, 1, 1], "the list, the number of those found, and their list"


def test_image__by_its_id_alone_is_looked_for_in_each_partition(before, user):
    found = Image.objects.filter(pk=before.pk)
    assert partitions_in(found.explain()) == 16
    assert partitions_in(found.filter(owner=user).explain()) == 1
