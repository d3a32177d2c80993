import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('django_tasks_database', '0021_conditional_partial_index_ordering'),
    ]

    operations = [
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('host', models.CharField(max_length=255)),
                ('version', models.CharField(max_length=50)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('seen_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('steps', models.JSONField(default=dict, help_text='By the name of a step: when it last succeeded (done_at), how many times in a row it has failed since (failures), and the last error.')),
            ],
        ),
        migrations.CreateModel(
            name='BackgroundTask',
            fields=[
            ],
            options={
                'verbose_name': 'background task',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('django_tasks_database.dbtaskresult',),
        ),
    ]
