"""Floor 7: puts it together. The only room that knows which back end stands behind which seam."""

from retinue.app.archive import back_up, restore
from retinue.app.keys import create_key, in_force, list_keys, revoke_key, withdraw_key
from retinue.app.serve import Started, serve

__all__ = [
    "Started",
    "back_up",
    "create_key",
    "in_force",
    "list_keys",
    "restore",
    "revoke_key",
    "serve",
    "withdraw_key",
]
