import accounts.email_field
import accounts.managers
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import mediabackend.db.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=mediabackend.db.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', accounts.email_field.AccountEmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('display_name', models.CharField(blank=True, max_length=100)),
                ('item_count', models.PositiveIntegerField(default=0, editable=False)),
                ('stored_bytes', models.PositiveBigIntegerField(default=0, editable=False, help_text='Of all items together.')),
                ('content_version', models.PositiveBigIntegerField(default=0, editable=False)),
                ('content_changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('email_verified', models.BooleanField(default=False)),
                ('token_version', models.PositiveIntegerField(default=0, editable=False)),
                ('is_active', models.BooleanField(default=True, help_text='Inactive users cannot sign in. Making a user inactive ends all sign-ins of that user.')),
                ('is_staff', models.BooleanField(default=False, help_text='May use this admin site.', verbose_name='staff status')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'ordering': ['-id'],
                'base_manager_name': 'objects',
            },
            managers=[
                ('objects', accounts.managers.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='FailedSignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(help_text='The e-mail address as typed, in lower case.', max_length=254)),
                ('network', models.CharField(help_text='An IPv4 address, an IPv6 /64 or /48, or all networks.', max_length=50)),
                ('number', models.PositiveIntegerField(verbose_name='failures')),
                ('last_at', models.DateTimeField(db_index=True, verbose_name='time')),
                ('ip', models.GenericIPAddressField(null=True, verbose_name='IP address')),
                ('path', models.CharField(max_length=200)),
                ('agent', models.CharField(max_length=300, verbose_name='user agent')),
            ],
            options={
                'verbose_name': 'failed sign-in',
                'ordering': ['-last_at'],
                'constraints': [models.UniqueConstraint(fields=('account', 'network'), name='failed_sign_in_unique')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=mediabackend.db.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('token_hash', models.CharField(blank=True, editable=False, max_length=64)),
                ('email', accounts.email_field.AccountEmailField(blank=True, help_text='Only this e-mail address can sign up. Empty: any can.', max_length=254, verbose_name='e-mail address')),
                ('mailed_at', models.DateTimeField(editable=False, null=True, verbose_name='mailed')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('expires_at', models.DateTimeField(db_index=True, verbose_name='expires')),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('used_at', models.DateTimeField(editable=False, null=True, verbose_name='used')),
                ('used_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='KnownNetwork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(max_length=50)),
                ('last_used_at', models.DateTimeField(db_index=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='known_networks', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SentMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('recipient', models.CharField(max_length=254)),
                ('state', models.CharField(max_length=64)),
                ('sent_at', models.DateTimeField()),
                ('valid_until', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'recipient'), name='sent_mail_unique')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=mediabackend.db.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('current_jti', models.CharField(max_length=32)),
                ('previous_jti', models.CharField(blank=True, max_length=32)),
                ('created_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('ip', models.GenericIPAddressField(null=True, verbose_name='IP address')),
                ('agent', models.CharField(blank=True, max_length=300)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique_without_case', violation_error_message='This e-mail address is taken.'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(fields=['token_hash'], name='invitation_token'),
        ),
        migrations.AddConstraint(
            model_name='knownnetwork',
            constraint=models.UniqueConstraint(fields=('user', 'network'), name='known_network_unique'),
        ),
    ]
