"""Sign-ins: each is a family of refresh tokens, of which one is alive.

A refresh token works once. When one that was used before comes back, somebody
else has a copy: the whole sign-in ends (RFC 9700, section 4.14.2).
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError

from accounts.models import Session, User
from accounts.tokens.kinds import (
    SESSION_CLAIM,
    VERSION_CLAIM,
    AccessToken,
    RefreshToken,
    is_current,
)
from mediabackend.http.client_ip import client_address

HISTORY_KEPT = timedelta(days=90)


class NoActiveAccount(AuthenticationFailed):
    default_detail = "No active account has these credentials."
    default_code = "no_active_account"


def start_session(user: User, request: Request) -> dict[str, str]:
    """Note a sign-in; returns its `access` and `refresh` tokens.

    Raises NoActiveAccount when the account was deleted meanwhile.
    """
    now = timezone.now()
    session = Session(user=user, created_at=now)
    tokens = _tokens(session, user, request)
    try:
        # A transaction by itself, at whose end the database looks for the user.
        session.save(force_insert=True)
    except IntegrityError as error:
        raise NoActiveAccount from error
    User.objects.filter(pk=user.pk).update(last_login=now)
    return tokens


def renew_session(refresh: str, request: Request) -> dict[str, str]:
    """Trade a refresh token for a new pair; raises InvalidToken."""
    token = read_refresh_token(refresh)
    with transaction.atomic():
        session = _session_of(token, for_update=True)
        if session is None:
            raise InvalidToken("The sign-in has ended.")
        reused = session.current_jti != token["jti"]
        if reused:
            session.revoked_at = timezone.now()
            session.save(update_fields=["revoked_at"])
        else:
            tokens = _tokens(session, session.user, request)
            session.save()
    if reused:
        # Outside: the exception must not undo the end of the sign-in.
        raise InvalidToken("The token was used before. Sign in again.")
    return tokens


def end_session(refresh: str, user: User) -> None:
    """End the sign-in that a refresh token of `user` belongs to.

    Raises InvalidToken for a token that is not theirs, or garbage.
    """
    token = read_refresh_token(refresh)
    if token["user_id"] != str(user.pk):
        raise InvalidToken("The token belongs to somebody else.")
    end_sessions(Session.objects.filter(pk=token[SESSION_CLAIM], user=user))


def end_all_sessions(user: User, but: UUID | None = None) -> None:
    """End every sign-in of the user, and all access tokens at once."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
        user.refresh_from_db(fields=["token_version"])
        end_sessions(Session.objects.filter(user=user).exclude(pk=but or UUID(int=0)))


def recent_sessions(user: User) -> QuerySet[Session]:
    """Select the sign-ins of the last 90 days, ended ones too."""
    return Session.objects.filter(
        user=user, created_at__gt=timezone.now() - HISTORY_KEPT
    )


def alive_sessions(user: User) -> QuerySet[Session]:
    """Select the sign-ins whose refresh token still works."""
    return Session.objects.filter(
        user=user, revoked_at=None, expires_at__gt=timezone.now()
    )


def end_sessions(sessions: QuerySet[Session]) -> None:
    """End sign-ins: their refresh tokens are dead, access tokens run out."""
    sessions.filter(revoked_at=None).update(revoked_at=timezone.now())


def check_refresh_token(token: RefreshToken) -> None:
    """Raise InvalidToken unless the token is the one of its sign-in that lives."""
    session = _session_of(token)
    if session is None or session.current_jti != token["jti"]:
        raise InvalidToken("The sign-in has ended.")


def read_refresh_token(text: str) -> RefreshToken:
    """Verify a refresh token's signature and time; raises InvalidToken."""
    try:
        return RefreshToken(text)  # type: ignore[arg-type]
    except TokenError as error:
        raise InvalidToken(error.args[0]) from error


def _session_of(token: RefreshToken, for_update: bool = False) -> Session | None:
    sessions = Session.objects.select_related("user").filter(revoked_at=None)
    if for_update:
        sessions = sessions.select_for_update(of=("self",))
    try:
        session = sessions.filter(pk=token.get(SESSION_CLAIM)).first()
    except ValidationError:
        return None
    if session is None or not is_current(session.user, token):
        return None
    return session


def _tokens(session: Session, user: User, request: Request) -> dict[str, str]:
    """Make the next pair, and note in the session which one is alive."""
    refresh = RefreshToken()
    access = AccessToken()
    claims: dict[str, Any] = {
        "user_id": str(user.pk),
        VERSION_CLAIM: user.token_version,
        SESSION_CLAIM: str(session.pk),
    }
    for token in (refresh, access):
        token.payload.update(claims)
    session.current_jti = refresh["jti"]
    session.last_used_at = timezone.now()
    session.expires_at = refresh.current_time + refresh.lifetime
    session.address = client_address(request)
    session.agent = request.headers.get("User-Agent", "")[:300].replace("\x00", "")
    return {"access": str(access), "refresh": str(refresh)}
