"""Login, roles and row filters: the one home of who may see what.

`roles` says what each role may do, `sign_in` turns an identity into a `User`, `rows` opens a
snapshot so that only one tenant's rows exist, `personal_data` decides what is shown of natural
persons.
"""

from apps.access.roles import AccessRefusedError, Permission, Role, User

__all__ = ["AccessRefusedError", "Permission", "Role", "User"]
