"""Sign-ins: each is a family of refresh tokens, of which one works.

A refresh token works once. If a used one comes back, somebody else has a copy, and
the whole sign-in ends (RFC 9700, section 4.14.2). Only the token that was used last
works again for ten seconds, and gives the same new token: two tabs of a browser may
renew it at the same time.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError

from accounts.models import Session, User
from accounts.models.attempts import user_agent
from accounts.tokens.kinds import (
    SESSION_CLAIM,
    VERSION_CLAIM,
    AccessToken,
    RefreshToken,
)
from mediabackend.http.client_ip import client_ip
from mediabackend.telemetry.counters import RENEWALS

HISTORY_KEPT = timedelta(days=90)
# How long the refresh token that was used last works again.
REUSE_ALLOWED = timedelta(seconds=10)


class NoActiveAccount(Exception):
    """No active account has these credentials."""


def sign_in_user(request: Request, *, email: str, password: str) -> dict[str, str]:
    """Return an access and a refresh token for an active user's credentials.

    Raises LockedOut and NoActiveAccount. An unknown e-mail costs one hash too: the
    time does not tell whether the e-mail has an account.
    """
    user = authenticate(request, username=email, password=password)
    if user is None:
        raise NoActiveAccount
    return start_session(user, request)


def start_session(user: User, request: Request) -> dict[str, str]:
    """Create a sign-in, and return its `access` and `refresh` tokens.

    Raises NoActiveAccount if the account was deleted, or its sign-ins ended, after
    `user` was read.
    """
    now = timezone.now()
    session = Session(user=user, created_at=now)
    tokens = _make_tokens(session, user, request)
    with transaction.atomic(savepoint=False):
        unchanged = User.objects.filter(pk=user.pk, token_version=user.token_version)
        found = unchanged.update(last_login=now)
        if found:
            session.save(force_insert=True)
    if not found:
        raise NoActiveAccount
    return tokens


def renew_session(refresh: str, request: Request) -> dict[str, str]:
    """Trade a refresh token for a new pair of tokens; raises InvalidToken."""
    token = _read_refresh_token(refresh)
    with transaction.atomic():
        session = _session_of(token, for_update=True)
        if session is None:
            RENEWALS.labels("ended").inc()
            raise InvalidToken("The sign-in has ended.")
        is_current = session.current_jti == token["jti"]
        is_reuse = not (is_current or _may_be_reused(session, token))
        if is_reuse:
            session.revoked_at = timezone.now()
            session.save(update_fields=["revoked_at"])
        elif is_current:
            tokens = _make_tokens(session, session.user, request)
            session.save()
        else:
            tokens = _write_tokens(session, session.user)
    RENEWALS.labels("reused" if is_reuse else "renewed").inc()
    if is_reuse:
        # After the transaction: the exception must not undo the end of the sign-in.
        raise InvalidToken("The token was used before. Sign in again.")
    return tokens


def end_session(refresh: str, user: User) -> None:
    """End the sign-in that a refresh token of `user` belongs to.

    Raises InvalidToken for garbage and for other people's tokens.
    """
    token = _read_refresh_token(refresh)
    if token["user_id"] != str(user.pk):
        raise InvalidToken("The token belongs to another user.")
    end_sessions(Session.objects.filter(pk=token[SESSION_CLAIM], user=user))


def end_all_sessions(user: User) -> None:
    """End all sign-ins of the user, those in browsers too."""
    User.objects.get_queryset().filter(pk=user.pk).end_sign_ins()


def recent_sessions(user: User) -> QuerySet[Session]:
    """Select the sign-ins of the last 90 days, with those that have ended."""
    return Session.objects.filter(
        user=user, created_at__gt=timezone.now() - HISTORY_KEPT
    )


def alive_sessions(user: User) -> QuerySet[Session]:
    """Select the sign-ins that have not ended."""
    return Session.objects.filter(
        user=user, revoked_at=None, expires_at__gt=timezone.now()
    )


def end_sessions(sessions: QuerySet[Session]) -> None:
    """End these sign-ins, with their access and refresh tokens."""
    sessions.filter(revoked_at=None).update(revoked_at=timezone.now())


def check_refresh_token(refresh: str) -> None:
    """Raise InvalidToken unless the refresh token can be traded for a new pair."""
    token = _read_refresh_token(refresh)
    session = _session_of(token)
    if session is None or session.current_jti != token["jti"]:
        raise InvalidToken("The sign-in has ended.")


def _read_refresh_token(text: str) -> RefreshToken:
    """Verify a refresh token's signature and expiry; raises InvalidToken."""
    try:
        return RefreshToken(text)  # type: ignore[arg-type]
    except TokenError as error:
        raise InvalidToken(error.args[0]) from error


def _session_of(token: RefreshToken, for_update: bool = False) -> Session | None:
    """Return the token's sign-in, unless it has ended."""
    sessions = Session.objects.select_related("user").filter(
        revoked_at=None,
        user__is_active=True,
        user__token_version=token.get(VERSION_CLAIM),
    )
    if for_update:
        sessions = sessions.select_for_update(of=("self",))
    return sessions.filter(pk=token.get(SESSION_CLAIM)).first()


def _may_be_reused(session: Session, token: RefreshToken) -> bool:
    """Say whether the token was replaced by the current one a moment ago."""
    is_previous = session.previous_jti == token["jti"]
    return is_previous and timezone.now() - session.last_used_at <= REUSE_ALLOWED


def _make_tokens(session: Session, user: User, request: Request) -> dict[str, str]:
    """Make the next pair of tokens, and note it in the session."""
    refresh = RefreshToken()
    session.previous_jti, session.current_jti = session.current_jti, refresh["jti"]
    session.last_used_at = timezone.now()
    session.expires_at = refresh.current_time + refresh.lifetime
    session.ip = client_ip(request)
    session.agent = user_agent(request.headers)
    return _write_tokens(session, user)


def _write_tokens(session: Session, user: User) -> dict[str, str]:
    """Write the session's current refresh token, and a new access token."""
    refresh = RefreshToken()
    issued_at = session.expires_at - refresh.lifetime
    refresh.set_exp(from_time=issued_at)
    refresh.set_iat(at_time=issued_at)
    refresh["jti"] = session.current_jti
    access = AccessToken()
    claims: dict[str, Any] = {
        "user_id": str(user.pk),
        VERSION_CLAIM: user.token_version,
        SESSION_CLAIM: str(session.pk),
    }
    for token in (refresh, access):
        token.payload.update(claims)
    return {"access": str(access), "refresh": str(refresh)}
