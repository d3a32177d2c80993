"""Dead connections are noticed, without a query on healthy ones."""

from contextlib import closing

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.signals import connection_created
from django.test.utils import CaptureQueriesContext

from images.services.locking import lock_image
from mediabackend.db.postgresql.base import DatabaseWrapper
from mediabackend.db.statement_timeout import limit_statements

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wrapper():
    """Return a connection to the test's database, beside the test's own."""
    wrapper = DatabaseWrapper(connection.settings_dict, "default")
    wrapper.ensure_connection()
    yield wrapper
    wrapper.close()


def statements(wrapper) -> list[str]:
    """Record the statements that are sent to the server from now on."""
    noted: list[str] = []
    pgconn = wrapper.connection.pgconn

    class Spy:
        def __getattr__(self, name: str):
            if name.startswith("send_"):
                noted.append(name)
            return getattr(pgconn, name)

    wrapper.connection.pgconn = Spy()
    return noted


def process(wrapper) -> int:
    return wrapper.connection.info.backend_pid


def test_a_quiet_connection__is_taken_for_alive_without_a_statement(wrapper):
    noted = statements(wrapper)
    assert wrapper.is_usable()
    assert noted == []


def test_a_connection_that_was_ended__is_noticed(wrapper):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process(wrapper)])
    assert not wrapper.is_usable()


def test_a_connection_that_we_closed__is_not_usable(wrapper):
    wrapper.connection.close()
    assert not wrapper.is_usable()


def test_an_ended_connection__is_replaced_before_the_next_request(wrapper):
    old = process(wrapper)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [old])
    # As Django does between requests, with CONN_HEALTH_CHECKS.
    wrapper.health_check_done = False
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert process(wrapper) != old


def test_a_notice__is_no_reason_to_give_the_connection_up(wrapper):
    with wrapper.cursor() as cursor:
        cursor.execute("LISTEN gossip")
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY gossip")
    # Now there is something to read, and still it is alive.
    assert wrapper.is_usable()
    assert process(wrapper)


def prepared(wrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        return cursor.fetchone()[0]


def test_prepared_cursors__let_the_server_keep_the_plan(wrapper):
    for number in range(10):
        with wrapper.prepared_cursor() as cursor:
            cursor.execute("SELECT %s::int", [number])
            assert cursor.fetchone() == (number,)
    assert prepared(wrapper) == 1


def test_statements_with_a_plan__are_logged_too(wrapper):
    with CaptureQueriesContext(wrapper) as queries:
        for number in range(10):
            with wrapper.prepared_cursor() as cursor:
                cursor.execute("SELECT %s::int", [number])
    assert all(entry["sql"].startswith("SELECT ") for entry in queries)
    assert len(queries) == 10


def test_other_cursors__prepare_nothing(wrapper):
    for _ in range(10):
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT %s::int", [7])
    assert prepared(wrapper) == 0


def test_times__are_in_utc_from_both_kinds_of_cursors(wrapper):
    for new_cursor in (wrapper.cursor, wrapper.prepared_cursor):
        with new_cursor() as cursor:
            cursor.execute("SELECT timestamptz '2026-01-02 03:04:05+02'")
            (moment,) = cursor.fetchone()
        assert moment.isoformat() == "2026-01-02T01:04:05+00:00"


@pytest.fixture
def wide_captions():
    """Return a function that changes a column's type until the end of the test."""

    def alter(length: int) -> None:
        wrapper = DatabaseWrapper(connection.settings_dict, "default")
        with wrapper.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE images_image ALTER caption TYPE varchar({length})"
            )
        wrapper.close()

    yield lambda: alter(3000)
    connection.close()
    alter(2200)


def test_a_migration__does_not_break_connections_that_live(
    api, stored_image, wide_captions
):
    url = f"/api/v1/images/{stored_image(caption='Sea').pk}/"
    for _ in range(10):
        assert api.get(url).status_code == 200
    wide_captions()
    assert api.get(url).json()["caption"] == "Sea"


def test_a_migration__fails_a_transaction_once_and_no_more(
    api, stored_image, wide_captions
):
    image = stored_image()
    for _ in range(10):
        with transaction.atomic():
            lock_image(image, None)
    wide_captions()
    with pytest.raises(OperationalError), transaction.atomic():
        lock_image(image, None)
    with transaction.atomic():
        assert lock_image(image, None) == image


def test_a_transaction_that_was_left_open__is_noticed(wrapper):
    wrapper.connection.execute("BEGIN")
    with pytest.raises(psycopg.Error):
        wrapper.connection.execute("SELECT 1 / 0")
    assert not wrapper.is_usable()


@pytest.fixture
def command_process():
    """Make this a process that has not loaded the web application, as others may."""
    was_limited = connection_created.disconnect(dispatch_uid="statement_timeout")
    yield
    if was_limited:
        limit_statements()


@pytest.fixture
def web_process(command_process):
    limit_statements()
    yield
    connection_created.disconnect(dispatch_uid="statement_timeout")


def test_statement_of_a_web_process__is_cancelled_in_the_end(web_process, settings):
    settings.STATEMENT_TIMEOUT = 1
    wrapper = DatabaseWrapper(connection.settings_dict, "default")
    with closing(wrapper), wrapper.cursor() as cursor:
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(20)")
        # The connection is good for the next request.
        cursor.execute("SELECT 1")


def test_statement_of_a_command__may_take_its_time(command_process, wrapper):
    with wrapper.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_connection__gives_up_on_data_that_nobody_acknowledges(wrapper):
    assert "tcp_user_timeout=10000" in wrapper.connection.info.dsn
