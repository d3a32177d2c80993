"""Compiled statements do what the ORM would do, and are compiled once."""

import secrets
from functools import partial
from uuid import uuid4

import pytest
from django.db.models import F

from accounts.models import User
from mediabackend.db.compiled import (
    CompiledChange,
    CompiledQuery,
    delete_of,
    update_of,
)

pytestmark = pytest.mark.django_db
COLUMNS = [field.attname for field in User._meta.concrete_fields]


@pytest.fixture
def built() -> list[tuple]:
    """Return what the query was built from, each time."""
    return []


@pytest.fixture
def query(built) -> CompiledQuery:
    def build(*keys):
        built.append(keys)
        rows = User.objects.filter(pk__in=keys, is_active=True).order_by("email")
        return rows.values_list(*COLUMNS)

    return CompiledQuery(User, build)


def test_rows__are_those_of_the_orm(query, make_user):
    ann, bea = make_user("ann@example.com"), make_user("bea@example.com")
    make_user("cal@example.com")
    expected = list(User.objects.filter(pk__in=[ann.pk, bea.pk]).order_by("email"))
    found = [User(*row) for row in query.rows(bea.pk, ann.pk)]
    for name in COLUMNS:
        values = [getattr(user, name) for user in found]
        assert values == [getattr(user, name) for user in expected]


def test_keys__are_parameters_of_one_statement(
    query, built, make_user, django_assert_num_queries
):
    ann, bea = make_user("ann@example.com"), make_user("bea@example.com")
    emails = COLUMNS.index("email")
    with django_assert_num_queries(3) as asked:
        assert query.rows(ann.pk, uuid4())[0][emails] == ann.email
        assert query.rows(bea.pk, uuid4())[0][emails] == bea.email
        assert query.rows(uuid4(), uuid4()) == []
    assert len(built) == 1
    assert len({entry["sql"].partition("WHERE")[0] for entry in asked}) == 1


def test_many_calls__find_what_has_changed(query, make_user):
    # PostgreSQL plans the statement once, after some of them.
    ann = make_user("ann@example.com")
    for number in range(10):
        User.objects.update(display_name=str(number))
        ((*_,),) = (row,) = query.rows(ann.pk, uuid4())
        assert row[COLUMNS.index("display_name")] == str(number)


def test_update__changes_the_row_of_the_key_only(make_user, django_assert_num_queries):
    def build(key, number):
        rows = User.objects.filter(pk=key, is_active=True)
        return update_of(rows, item_count=F("item_count") + number)

    examples = [uuid4, partial(secrets.randbits, 62)]
    change = CompiledChange(User, build, examples)
    ann, bea = make_user("ann@example.com"), make_user("bea@example.com")
    with django_assert_num_queries(4):
        assert change.run(ann.pk, 2) == 1
        assert change.run(ann.pk, 70_000) == 1
        assert change.run(bea.pk, 3) == 1
        assert change.run(uuid4(), 1) == 0
    counts = User.objects.order_by("email").values_list("item_count", flat=True)
    assert list(counts) == [70_002, 3]


def test_delete__removes_the_row_of_the_key_only(make_user, django_assert_num_queries):
    change = CompiledChange(
        User, lambda key: delete_of(User.objects.filter(pk=key)), [uuid4]
    )
    ann, bea = make_user("ann@example.com"), make_user("bea@example.com")
    with django_assert_num_queries(2):
        assert change.run(uuid4()) == 0
        assert change.run(ann.pk) == 1
    assert list(User.objects.all()) == [bea]
