import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('image.created', 'Image Created'), ('image.updated', 'Image Updated'), ('image.replaced', 'Image Replaced'), ('image.deleted', 'Image Deleted'), ('image.taken_down', 'Image Taken Down'), ('image.restored', 'Image Restored'), ('user.created', 'User Created'), ('user.suspended', 'User Suspended'), ('user.reinstated', 'User Reinstated'), ('user.deleted', 'User Deleted')], max_length=20)),
                ('subject', models.UUIDField(help_text='The id of the image or of the user.')),
                ('owner', models.UUIDField(help_text="The id of the image's owner.", null=True)),
                ('data', models.JSONField(default=dict, help_text='What the event says besides.')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], default='waiting', max_length=7)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(help_text='When the first attempt failed.', null=True)),
                ('finished_at', models.DateTimeField(help_text='When it was sent or given up.', null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='event_due'), models.Index(condition=models.Q(('state', 'waiting')), fields=['subject', 'id'], name='event_waiting'), models.Index(condition=models.Q(('state', 'waiting'), _negated=True), fields=['finished_at'], name='event_finished')],
            },
        ),
    ]
