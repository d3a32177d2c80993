"""A backend for social images that you host yourself."""

# The OpenAPI document, `/healthz` and the label of the image have it from here.
__version__ = "1.0.0"
