"""The tables of the app, and the group of moderators with its permissions."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import images.models.image
import images.models.querysets
import mediabackend.db.ids
from django.conf import settings
from django.db import migrations, models

from mediabackend.db.trigrams import AddTrigramIndex


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

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=mediabackend.db.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('action', models.CharField(choices=[('approve', 'Approve'), ('take_down', 'Take down'), ('restore', 'Restore'), ('suspend', 'Suspend user'), ('reinstate', 'Reinstate user'), ('hide', 'Hide until reviewed'), ('delete', 'Delete')], max_length=9)),
                ('reason', models.CharField(blank=True, choices=[('spam', 'Spam'), ('nudity', 'Nudity'), ('violence', 'Violence'), ('harassment', 'Harassment'), ('copyright', 'Copyright'), ('other', 'Other')], max_length=10)),
                ('note', models.CharField(blank=True, help_text='The owner of the image can read it.', max_length=1000)),
                ('legal_ground', models.CharField(blank=True, help_text='The law that it breaks, if it is illegal.', max_length=200)),
                ('moderator_name', models.CharField(blank=True, max_length=254)),
                ('image_id', models.UUIDField(db_index=True, null=True)),
                ('user_id', models.UUIDField(db_index=True, help_text='The owner of the image, or the suspended or reinstated user.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('moderator', models.ForeignKey(help_text='Empty if the number of reports led to the decision.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='decisions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'permissions': [('moderate_image', 'Can approve, take down and restore images'), ('suspend_user', 'Can suspend and reinstate users')],
            },
        ),
        migrations.CreateModel(
            name='ImportedRow',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('source', models.CharField(help_text='For example `users/12` or `images/99`.', max_length=60, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='RemovedPicture',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('image_id', models.UUIDField(unique=True)),
                ('reason', models.CharField(choices=[('spam', 'Spam'), ('nudity', 'Nudity'), ('violence', 'Violence'), ('harassment', 'Harassment'), ('copyright', 'Copyright'), ('other', 'Other')], max_length=10)),
                ('sha256', models.CharField(blank=True, db_index=True, max_length=64)),
                ('perceptual_hash', models.BigIntegerField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('id', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='DeletionReceipt',
            fields=[
                ('id', models.UUIDField(default=mediabackend.db.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('row_removed', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('file_deleted', models.DateTimeField(null=True)),
                ('purge_requested', models.DateTimeField(null=True)),
                ('purge_completed', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=200)),
                ('fingerprint', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('claimed_at', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('image_id', models.UUIDField(null=True)),
                ('body', models.JSONField(null=True)),
                ('headers', models.JSONField(default=dict)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.UUIDField(default=mediabackend.db.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('file', models.ImageField(editable=False, max_length=255, upload_to=images.models.image.image_path)),
                ('caption', models.CharField(blank=True, max_length=2200)),
                ('alt_text', models.CharField(blank=True, help_text='A description for people who cannot see the picture.', max_length=1000)),
                ('visibility', models.CharField(choices=[('unlisted', 'Unlisted'), ('public', 'Public'), ('private', 'Private')], default='unlisted', max_length=8)),
                ('width', models.PositiveIntegerField(editable=False, help_text='In pixels, as displayed.')),
                ('height', models.PositiveIntegerField(editable=False, help_text='In pixels, as displayed.')),
                ('size', models.PositiveBigIntegerField(editable=False, help_text='In bytes.')),
                ('format', models.CharField(choices=[('jpeg', 'JPEG'), ('png', 'PNG'), ('webp', 'WebP'), ('gif', 'GIF'), ('heic', 'HEIC'), ('avif', 'AVIF')], editable=False, max_length=4)),
                ('delivered_as_is', models.BooleanField(default=False, editable=False, help_text="ImageKit cannot transform the file: every URL is the original's.")),
                ('sha256', models.CharField(blank=True, editable=False, help_text='SHA-256 of the stored file, in hexadecimal; empty if unknown.', max_length=64)),
                ('placeholder', models.CharField(blank=True, editable=False, help_text='A BlurHash, or empty.', max_length=32)),
                ('dominant_color', models.CharField(blank=True, editable=False, help_text='#rrggbb, or empty.', max_length=7)),
                ('version', models.PositiveIntegerField(default=1, editable=False, help_text='Increases with each change.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('missing_since', models.DateTimeField(editable=False, help_text='When `reconcile_files` found that the remote file is missing.', null=True)),
                ('state', models.CharField(choices=[('visible', 'Visible'), ('hidden', 'Hidden until reviewed'), ('taken_down', 'Taken down')], default='visible', editable=False, max_length=10)),
                ('state_reason', models.CharField(blank=True, editable=False, max_length=10)),
                ('state_note', models.CharField(blank=True, editable=False, max_length=1000)),
                ('state_since', models.DateTimeField(editable=False, null=True)),
                ('quarantined_at', models.DateTimeField(editable=False, null=True)),
                ('reviewed', models.BooleanField(default=False, editable=False)),
                ('open_reports', models.PositiveIntegerField(default=0, editable=False)),
                ('decision_count', models.PositiveIntegerField(default=0, editable=False)),
                ('perceptual_hash', models.BigIntegerField(editable=False, null=True)),
                ('listed', models.BooleanField(db_default=True, default=True, editable=False)),
                ('left_in_place', models.BooleanField(db_default=False, default=False, editable=False, help_text='The file is still in the folder of kit-backend, with its metadata.')),
                ('owner', models.ForeignKey(db_index=False, on_delete=images.models.querysets.delete_with_owner, related_name='images', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PendingDeletion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(help_text="The stored name: the path and, if known, ImageKit's file id.", max_length=255)),
                ('storage', models.CharField(db_default='default', default='default', help_text='The alias of the storage that the name belongs to.', max_length=20)),
                ('reason', models.CharField(choices=[('reservation', 'Upload has not ended'), ('replaced', 'Replaced by its owner'), ('moved', 'Moved to another path'), ('deleted', 'Deleted by its owner'), ('by_staff', 'Deleted by staff'), ('taken_down', 'Taken down'), ('orphaned', 'Belongs to no image')], max_length=11)),
                ('due_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('not_before', models.DateTimeField(help_text='Until then a client may still upload to this path.', null=True)),
                ('purge', models.BooleanField(default=False, help_text="Whether the CDN's copies have to be purged too.")),
                ('file_deleted_at', models.DateTimeField(help_text='When the file was deleted; only the purge is left.', null=True)),
                ('purge_request_id', models.TextField(blank=True, db_default='')),
                ('purge_ordered_at', models.DateTimeField(help_text='When the purge was ordered at ImageKit.', null=True)),
                ('purge_waits', models.BooleanField(db_default=False, default=False, help_text="Whether the purge waits for the next month's budget.")),
                ('purge_allowed', models.BooleanField(db_default=False, default=False, help_text='Whether staff have let the purge use what is kept for take-downs.')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('attempted_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('receipt', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='images.deletionreceipt')),
            ],
            options={
                'verbose_name': 'deletion at ImageKit',
                'verbose_name_plural': 'deletions at ImageKit',
                'ordering': ['due_at'],
            },
        ),
        migrations.CreateModel(
            name='PurgeCount',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('scope', models.CharField(max_length=255)),
                ('number', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('month', 'scope'), name='purge_count_unique')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.UUIDField(default=mediabackend.db.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(choices=[('spam', 'Spam'), ('nudity', 'Nudity'), ('violence', 'Violence'), ('harassment', 'Harassment'), ('copyright', 'Copyright'), ('other', 'Other'), ('resembles_removed', 'Resembles a removed picture')], max_length=17)),
                ('details', models.CharField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('closed_at', models.DateTimeField(editable=False, help_text='When a moderator made a decision about the image.', null=True)),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='reports', to='images.image')),
                ('reporter', models.ForeignKey(help_text='Empty if the comparison with removed pictures made the report.', null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='UploadTicket',
            fields=[
                ('id', models.UUIDField(default=mediabackend.db.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('path', models.CharField(help_text='The only path to which ImageKit accepts the upload.', max_length=255, unique=True)),
                ('caption', models.CharField(blank=True, max_length=2200)),
                ('alt_text', models.CharField(blank=True, max_length=1000)),
                ('visibility', models.CharField(max_length=8)),
                ('size', models.PositiveBigIntegerField(help_text='The most bytes that the file may have.')),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('file_id', models.CharField(blank=True, help_text='The id of the uploaded file, once the ticket is completed.', max_length=40)),
                ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ('reservation', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='images.pendingdeletion')),
            ],
            options={
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='OwnerNotice',
            fields=[
                ('decision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notice', serialize=False, to='images.decision')),
                ('was_reported', models.BooleanField(default=False, help_text='Whether people had reported it.')),
                ('was_compared', models.BooleanField(default=False, help_text='Whether the comparison with removed pictures had reported it.')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('replaced', 'Not sent, as another decision followed'), ('gone', 'Not sent, as the account is deleted'), ('failed', 'Given up')], default='waiting', max_length=8)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='owner_notice_due'), models.Index(condition=models.Q(('state', 'failed')), fields=['finished_at'], name='owner_notice_failed')],
            },
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['created_at'], name='decision_day'),
        ),
        migrations.AddConstraint(
            model_name='idempotencykey',
            constraint=models.UniqueConstraint(fields=('user', 'key'), name='idempotency_key_unique'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['owner', '-id'], name='image_owner_newest'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('open_reports__gt', 0)), fields=['-open_reports', '-id'], name='image_reported'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('state', 'taken_down')), fields=['state_since'], name='image_taken_down'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['owner', 'sha256'], name='image_owner_sha256'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(django.db.models.functions.text.Substr(django.db.models.functions.text.Substr('file', django.db.models.expressions.CombinedExpression(django.db.models.functions.text.StrIndex('file', models.Value('~')), '+', models.Value(1))), 1, django.db.models.expressions.CombinedExpression(django.db.models.functions.text.StrIndex(django.db.models.functions.text.Concat(django.db.models.functions.text.Substr('file', django.db.models.expressions.CombinedExpression(django.db.models.functions.text.StrIndex('file', models.Value('~')), '+', models.Value(1))), models.Value('.')), models.Value('.')), '-', models.Value(1))), name='image_file_id'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('listed', True), ('state', 'visible'), ('visibility', 'public')), fields=['-id'], name='image_feed'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('listed', True), ('state', 'visible'), ('visibility', 'public')), fields=['owner', '-id'], name='image_owner_public'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('listed', False)), fields=['owner'], name='image_unlisted'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('delivered_as_is', False), ('perceptual_hash', None)), fields=['id'], name='image_without_preview'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('state', 'visible'), _negated=True), fields=['state', '-id'], name='image_not_visible'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('missing_since__isnull', False)), fields=['-id'], name='image_missing'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('left_in_place', True)), fields=['-id'], name='image_left_in_place'),
        ),
        migrations.AddIndex(
            model_name='pendingdeletion',
            index=models.Index(condition=models.Q(('purge_waits', True)), fields=['due_at'], name='purge_waits'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['created_at'], name='report_day'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['id'], name='report_open'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('image', 'reporter'), name='report_once_per_reporter'),
        ),
        migrations.RunPython(add_group, migrations.RunPython.noop),
        AddTrigramIndex('image', 'image_texts', ['caption', 'alt_text']),
    ]
