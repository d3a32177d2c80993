import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from mediabackend.db import counters
from mediabackend.db.counters import Count, CountersUnavailable, count, forget
from mediabackend.models import Counter

THREADS, EACH = 8, 25


@pytest.fixture(params=["database", "redis"])
def store(request, db) -> str:
    """Each of the two places where counters are kept."""
    if request.param == "redis":
        request.getfixturevalue("redis_counters")
    return request.param


def pass_time(monkeypatch, seconds: float) -> None:
    now = counters._now() + int(seconds * 1000)
    monkeypatch.setattr(counters, "_now", lambda: now)


def count_in_threads() -> list[int]:
    def work(_: int) -> list[int]:
        try:
            return [count("key", 60).number for _ in range(EACH)]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(sum(pool.map(work, range(THREADS)), []))


def test_count__goes_up_by_key(store):
    assert [count("a", 60).number for _ in range(3)] == [1, 2, 3]
    assert count("b", 60) == Count(1, 60)
    assert Counter.objects.count() == (2 if store == "database" else 0)


def test_forget__begins_anew(store):
    count("a", 60)
    count("b", 60)
    forget("a")
    assert count("a", 60).number == 1
    assert count("b", 60).number == 2


@pytest.mark.django_db(transaction=True)
def test_count__in_the_database_loses_none_in_threads():
    assert count_in_threads() == list(range(1, THREADS * EACH + 1))


def test_count__in_redis_loses_none_in_threads(redis_counters):
    assert count_in_threads() == list(range(1, THREADS * EACH + 1))


@pytest.mark.django_db
def test_window__in_the_database_ends(monkeypatch):
    count("a", 60)
    pass_time(monkeypatch, 59)
    assert count("a", 60) == Count(2, 1)
    pass_time(monkeypatch, 1)
    assert count("a", 60) == Count(1, 60)


def test_window__in_redis_ends(redis_counters):
    assert [count("a", 1).number, count("a", 1).number] == [1, 2]
    time.sleep(1.05)
    assert count("a", 1).number == 1


def test_window__begins_anew_at_a_number(store, monkeypatch):
    count("a", 10)
    # Once only: those after it do not prolong the window.
    assert [count("a", 60, restart_at=2) for _ in range(2)] == [
        Count(2, 60),
        Count(3, 60),
    ]
    if store == "database":
        pass_time(monkeypatch, 30)
        assert count("a", 60, restart_at=2) == Count(4, 30)


@pytest.mark.django_db
def test_forget_expired__deletes_what_is_over(monkeypatch):
    count("short", 10)
    count("long", 60)
    pass_time(monkeypatch, 30)
    assert counters.forget_expired() == 1
    assert Counter.objects.get().key == "long"


@pytest.mark.django_db
def test_dead_redis__is_told_and_then_left_alone(dead_redis, monkeypatch, caplog):
    with pytest.raises(CountersUnavailable):
        count("a", 60)
    assert "Redis does not answer" in caplog.text
    monkeypatch.setattr(counters, "_connect", None)
    with pytest.raises(CountersUnavailable):
        count("a", 60)


@pytest.mark.django_db
def test_dead_redis__durable_counts_go_to_the_database(dead_redis):
    assert [count("a", 60, durable=True).number for _ in range(2)] == [1, 2]
    forget("a")
    assert not Counter.objects.exists()


@pytest.mark.django_db
def test_forget__everywhere_takes_what_a_dead_redis_left(redis_counters):
    counters._count_in_database("a", 60, 0)
    forget("a")
    assert Counter.objects.exists()
    forget("a", everywhere=True)
    assert not Counter.objects.exists()
