"""All writes of accounts. `apps.accounts.lockout` protects sign-in."""

from apps.accounts.services.accounts import account_create, password_change, password_changed
from apps.accounts.services.roles import NO_ROLES, group_changed, group_of, roles_changed, roles_of
from apps.accounts.services.security import (
    permission_refused,
    sign_in_failed,
    signed_in,
    signed_out,
)
from apps.accounts.services.sign_in import session_begin, session_start
from apps.accounts.services.tokens import token_create, token_digest, token_revoke
