"""Models of accounts."""

from accounts.models.invitations import Invitation
from accounts.models.mails import SentMail
from accounts.models.sign_ins import FailedSignIn, KnownNetwork, Session
from accounts.models.users import User

__all__ = [
    "FailedSignIn",
    "Invitation",
    "KnownNetwork",
    "SentMail",
    "Session",
    "User",
]
