"""Settings of accounts: passwords, sign-ins and tokens."""

from datetime import timedelta

from mediabackend.settings.environment import env
from mediabackend.settings.mail import SITE_NAME

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.services.sign_in.LockoutBackend"]
# The first one hashes. The others verify the hashes of imported accounts, which are
# hashed again with the first at the next sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "accounts.hashers.ImportedBcryptHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validators = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_validators}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "display_name")},
    },
    {"NAME": f"{_validators}.MinimumLengthValidator"},
    {"NAME": f"{_validators}.CommonPasswordValidator"},
    {"NAME": f"{_validators}.NumericPasswordValidator"},
]
# The first administrator, for `manage.py ensure_admin`. Without a password it generates
# one.
ADMIN_EMAIL = env.str("ADMIN_EMAIL", default="admin@example.com")
ADMIN_PASSWORD = env.str("ADMIN_PASSWORD", default="")
# Who can sign up: everybody, people with an invitation, or nobody.
SIGNUP = env.choice("SIGNUP", ["open", "invite", "closed"], default="open")
LOGIN_URL = "rest_framework:login"
LOGIN_REDIRECT_URL = "api-root"

# Whether the admin asks all staff for a second factor, or only those who have one.
ADMIN_REQUIRE_OTP = env.bool("ADMIN_REQUIRE_OTP", default=False)
# The name that authenticator apps show.
OTP_TOTP_ISSUER = SITE_NAME

ACCESS_TOKEN_EXPIRE_MINUTES = env.int("ACCESS_TOKEN_EXPIRE_MINUTES", default=60)
REFRESH_TOKEN_EXPIRE_DAYS = env.int("REFRESH_TOKEN_EXPIRE_DAYS", default=14)
# The first key signs, all keys verify. Files with private RSA or Ed25519 keys in PEM
# form replace the secrets.
JWT_SECRET_KEYS = env.list("JWT_SECRET_KEY", default=[]) or [
    env.str("SECRET_KEY", default=""),
    *env.list("SECRET_KEY_FALLBACKS", default=[]),
]
JWT_KEY_FILES = env.list("JWT_KEY_FILES", default=[])
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=ACCESS_TOKEN_EXPIRE_MINUTES),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=REFRESH_TOKEN_EXPIRE_DAYS),
    # accounts.tokens.keys signs. SimpleJWT must never sign with a key of its own.
    "SIGNING_KEY": "",
    "AUTH_TOKEN_CLASSES": ["accounts.tokens.kinds.AccessToken"],
}
