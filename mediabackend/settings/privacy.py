"""Settings of the metadata that stay in a stored image."""

from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import env

# The rest is removed from every file before it leaves for ImageKit.
KEEP_METADATA = env.list("KEEP_METADATA", default=[])
if unknown := set(KEEP_METADATA) - {"copyright", "c2pa"}:
    raise ImproperlyConfigured(
        "KEEP_METADATA may name 'copyright' and 'c2pa', not "
        f"{', '.join(sorted(map(repr, unknown)))}."
    )
