"""The list of all checks of an account."""

from collections.abc import Callable

from images.management.account_checks import (
    deletion,
    delivery,
    lists,
    uploads,
    webhooks,
)
from images.management.account_checks.account import Account

Check = Callable[[Account], str]

# The others need it.
FIRST: tuple[str, Check] = ("upload", uploads.check_upload)

# By the name that is printed. Each returns a text, or raises Problem, Notice or
# StorageError.
OTHERS: dict[str, Check] = {
    "original": uploads.check_original,
    "private file": uploads.check_private_file,
    "unsigned URLs": delivery.check_unsigned_urls,
    "public URL": delivery.check_public_url,
    "transformations": delivery.check_transformations,
    "expiring URLs": delivery.check_expiring_urls,
    "named transformation": delivery.check_named_transformation,
    "frames": delivery.check_frames,
    "upload limit": uploads.check_upload_limit,
    "upload checks": uploads.check_upload_checks,
    "direct upload": uploads.check_direct_upload,
    "animation": uploads.check_animation,
    "look-up": lists.check_look_up,
    "search by id": lists.check_search_by_id,
    "search below folder": lists.check_search_below_folder,
    "search groups": lists.check_search_groups,
    "order of names": lists.check_order,
    "delete": deletion.check_delete,
    "bulk delete": deletion.check_bulk_delete,
    "purge": deletion.check_purge,
    "webhook": webhooks.check_webhook,
}
