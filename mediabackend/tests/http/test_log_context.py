"""The request's id, the client's IP and the user's id in log lines."""

import logging

import pytest
from django.test import RequestFactory

from mediabackend.http.current_request import (
    USER_ID,
    RequestContextFilter,
    answering,
    user_id_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(caplog):
    context = RequestContextFilter()
    caplog.handler.addFilter(context)
    caplog.set_level(logging.INFO)
    yield caplog
    caplog.handler.removeFilter(context)


def test_line__of_a_request_with_a_token_names_the_user(api, user, log):
    headers = {"X-Request-ID": "req-7"}
    api.post("/api/v1/images/", {}, REMOTE_ADDR="192.0.2.7", headers=headers)
    (line,) = log.records
    assert line.name == "django.request"
    assert (line.request_id, line.ip) == ("req-7", "192.0.2.7")
    assert line.user_id == str(user.pk)


def test_line__of_a_request_without_a_user_has_a_dash(client, log):
    client.get("/nowhere", REMOTE_ADDR="192.0.2.7")
    assert [(line.ip, line.user_id) for line in log.records] == [("192.0.2.7", "-")]


def test_line__outside_of_requests_has_dashes(log):
    logging.getLogger("images.remote").info("Hello.")
    (line,) = log.records
    assert not hasattr(line, "request_id")
    assert not hasattr(line, "user_id")


def test_line__during_a_request_names_it(log, user):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = user
    with answering(request):
        logging.getLogger("images.remote").info("Hello.")
    (line,) = log.records
    assert (line.ip, line.user_id) == ("192.0.2.7", str(user.pk))


def test_line__about_an_ip_of_its_own_keeps_it(log):
    with answering(RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")):
        logging.getLogger("x").info("Hello.", extra={"ip": "198.51.100.3"})
    assert log.records[0].ip == "198.51.100.3"


def test_user__of_a_session_is_named_without_a_statement(
    client, user, django_assert_num_queries
):
    client.force_login(user)
    response = client.get("/api/v1/")
    assert response.wsgi_request.META[USER_ID] == str(user.pk)
    page = client.get("/healthz")
    with django_assert_num_queries(0):
        assert user_id_of(page.wsgi_request) == "-"
