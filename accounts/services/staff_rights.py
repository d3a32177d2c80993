"""The policy of staff: nobody grants, or takes over, more than they have.

Superusers may do everything. Others may change an account or a group only if it has no
permission that they lack. Rights count even while an account is inactive.
"""

from typing import Any, TypeVar

from django.contrib.auth.models import Group, Permission
from django.db.models import Model, Q, QuerySet

from accounts.models import User

M = TypeVar("M", bound=Model)


def grantable_permissions(staff: Any) -> QuerySet[Permission]:
    """Select the permissions that `staff` have, and so may grant."""
    permissions = Permission.objects.all()
    if staff.is_superuser:
        return permissions
    held = Q(user=staff.pk) | Q(group__user=staff.pk)
    return permissions.filter(pk__in=Permission.objects.filter(held).values("pk"))


def manageable(staff: Any, rows: QuerySet[M]) -> QuerySet[M]:
    """Leave out the users or the groups that have more than `staff` have."""
    if staff.is_superuser:
        return rows
    beyond = Permission.objects.exclude(pk__in=grantable_permissions(staff))
    if issubclass(rows.model, Group):
        return rows.exclude(permissions__in=beyond)
    return (
        rows.exclude(is_superuser=True)
        .exclude(user_permissions__in=beyond)
        .exclude(groups__permissions__in=beyond)
    )


def may_manage(staff: Any, row: User | Group | None) -> bool:
    """Say whether `staff` may change this user or group; None is any."""
    if row is None or staff.is_superuser:
        return True
    model: Any = type(row)
    return manageable(staff, model.objects.filter(pk=row.pk)).exists()
