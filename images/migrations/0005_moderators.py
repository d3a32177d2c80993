"""The group Moderators, with the rights that the moderators' pages need."""

from django.db import migrations

# By model, with the names that Django gives the permissions.
PERMISSIONS = {
    "decision": {
        "moderate_image": "Can approve, take down and restore images",
        "suspend_user": "Can suspend and reinstate users",
        "view_decision": "Can view decision",
    },
    "image": {"view_image": "Can view image"},
    "report": {"view_report": "Can view report"},
}


def add_group(apps, schema_editor):
    group, new = apps.get_model("auth", "Group").objects.get_or_create(
        name="Moderators"
    )
    if not new:
        # Somebody's own: they decide what it may do.
        return
    for model, permissions in PERMISSIONS.items():
        # Django adds both after all migrations, and keeps those that are there.
        kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="images", model=model
        )
        for codename, name in permissions.items():
            permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": name}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ("images", "0004_moderation"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(add_group, migrations.RunPython.noop)]
