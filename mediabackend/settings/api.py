"""Settings of the REST framework and of its document."""

from typing import Any

from mediabackend import __version__
from mediabackend.settings.environment import SCRIPT_NAME, env

# Off: public and unlisted images are for people with an account only.
ANONYMOUS_READS = env.bool("ANONYMOUS_READS", default=True)

REST_FRAMEWORK: dict[str, Any] = {
    # Bearer first: its challenge is what a 401 carries. Sessions serve the
    # browsable API.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # Multipart only where a file is taken; see images/views.py.
    "DEFAULT_PARSER_CLASSES": ["mediabackend.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "mediabackend.api.renderers.JSONRenderer",
        "mediabackend.api.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_SCHEMA_CLASS": "mediabackend.api.openapi.AutoSchema",
    "VIEW_NAME_FUNCTION": "mediabackend.site.descriptions.view_name",
    "VIEW_DESCRIPTION_FUNCTION": "mediabackend.site.descriptions.view_description",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    # Of the others each view names its own.
    "DEFAULT_THROTTLE_CLASSES": [
        "mediabackend.api.throttles.AnonymousReadThrottle",
        "mediabackend.api.throttles.WriteThrottle",
    ],
    # Answers are JSON, or pages for browsers: `Accept` says which.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS: dict[str, Any] = {
    "EXCEPTION_HANDLER_CLASS": "mediabackend.site.error_table.ExceptionHandler",
    # JSON with DEBUG too; the traceback is in the log.
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "mediabackend",
    "DESCRIPTION": "Accounts and images. ImageKit.io stores and delivers the images."
    "\n\nSign in with `auth.signIn`, and send the access token as "
    "`Authorization: Bearer …`. Renew it with `auth.refresh`.",
    "VERSION": __version__,
    "CONTACT": {"name": "The operators of this server"},
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    # Older versions of the specification allow no body of a DELETE.
    "OAS_VERSION": "3.1.0",
    "TAGS": [
        {"name": "auth", "description": "Sign-up, sign-in, tokens, passwords, emails."},
        {"name": "account", "description": "The caller's profile, data and sign-ins."},
        {"name": "images", "description": "The caller's images, and single ones."},
        {"name": "uploads", "description": "Limits, and uploads past this server."},
        {"name": "feed", "description": "Lists of public images."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": "mediabackend.api.openapi.sort_key",
    # A file is a binary in a request and a URL in an answer.
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    # Sessions serve the browsable API only.
    "AUTHENTICATION_WHITELIST": ["accounts.tokens.authentication.TokenAuthentication"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True},
    "SERVERS": [{"url": SCRIPT_NAME or "/"}],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "mediabackend.site.openapi_examples.add_examples",
        "accounts.api.sign_up.describe_signup",
    ],
    "ENUM_SUFFIX": "",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ErrorType": "mediabackend.api.documented_errors.ERROR_TYPES",
        "Format": "images.models.choices.Format",
        "ImageState": "images.models.choices.State",
        "OAuth2ErrorCode": "accounts.api.oauth2.ERROR_CODES",
        "SignUpPolicy": "accounts.services.sign_up.SIGNUP_TEXTS",
        "ReportReason": "images.models.moderation.Violation",
        "Visibility": "images.models.choices.Visibility",
    },
}
