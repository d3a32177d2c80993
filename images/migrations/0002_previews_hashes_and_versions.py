from django.db import migrations, models
from django.db.models import functions


def fill_stored_bytes(apps, schema_editor):
    """Count what there is, in one statement."""
    users = apps.get_model('accounts', 'User').objects.using(schema_editor.connection.alias)
    images = apps.get_model('images', 'Image').objects.filter(owner=models.OuterRef('pk'))
    total = images.order_by().values('owner').annotate(total=models.Sum('size')).values('total')
    users.filter(image_count__gt=0).update(
        stored_bytes=functions.Coalesce(models.Subquery(total), 0)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('images', '0001_initial'),
        ('accounts', '0002_image_counters'),
    ]

    operations = [
        migrations.AddField(
            model_name='image',
            name='dominant_color',
            field=models.CharField(blank=True, editable=False, help_text='#rrggbb, or empty.', max_length=7),
        ),
        migrations.AddField(
            model_name='image',
            name='placeholder',
            field=models.CharField(blank=True, editable=False, help_text='A BlurHash, or empty.', max_length=32),
        ),
        migrations.AddField(
            model_name='image',
            name='sha256',
            field=models.CharField(blank=True, editable=False, help_text='Of the stored file, in hexadecimal; empty while unknown.', max_length=64),
        ),
        migrations.AddField(
            model_name='image',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False, help_text='Goes up with every change.'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['owner', 'sha256'], name='image_owner_sha256'),
        ),
        migrations.RunPython(fill_stored_bytes, migrations.RunPython.noop),
    ]
