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
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_SCHEMA_CLASS": "mediabackend.api.openapi.AutoSchema",
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
    "ALLOWED_ERROR_STATUS_CODES": [
        *("400", "401", "404", "405", "406", "415", "429", "503")
    ],
    "ERROR_SCHEMAS": {
        "400": "mediabackend.api.openapi.BadRequestSerializer",
        **dict.fromkeys(
            (
                *("401", "403", "404", "405", "406", "409", "410", "412"),
                *("413", "415", "422", "429", "451"),
            ),
            "mediabackend.api.openapi.ClientErrorSerializer",
        ),
        **dict.fromkeys(
            ("502", "503"), "mediabackend.api.openapi.ServerErrorSerializer"
        ),
    },
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "mediabackend",
    "DESCRIPTION": "Accounts and images. ImageKit.io stores and delivers the images.",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # A file is a binary in a request and a URL in an answer.
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True},
    "SERVERS": [{"url": SCRIPT_NAME or "/"}],
    "POSTPROCESSING_HOOKS": [
        "drf_standardized_errors.openapi_hooks.postprocess_schema_enums",
        "accounts.api.sign_up.describe_signup",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ClientErrorEnum": (
            "drf_standardized_errors.openapi_serializers.ClientErrorEnum.choices"
        ),
        "ServerErrorEnum": (
            "drf_standardized_errors.openapi_serializers.ServerErrorEnum.choices"
        ),
        "VisibilityEnum": "images.models.choices.Visibility",
        "FormatEnum": "images.models.choices.Format",
    },
}
