"""Models of accounts."""

from accounts.models.mails import SentMail
from accounts.models.sign_ins import FailedSignIn, KnownNetwork, Session
from accounts.models.users import User

__all__ = ["FailedSignIn", "KnownNetwork", "SentMail", "Session", "User"]
