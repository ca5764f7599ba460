"""Floor 7: puts it together. The only room that knows which back end stands behind which seam."""

from retinue.app.archive import back_up, restore
from retinue.app.keys import create_key, in_force, list_keys, revoke_key, withdraw_key
from retinue.app.serve import Started, serve
from retinue.app.transfer import export_dump, import_dumps, size_of

__all__ = [
    "Started",
    "back_up",
    "create_key",
    "export_dump",
    "import_dumps",
    "in_force",
    "list_keys",
    "restore",
    "revoke_key",
    "serve",
    "size_of",
    "withdraw_key",
]
