"""Floor 7: puts it together. The only room that knows which back end stands behind which seam."""

from retinue.app.archive import back_up, restore
from retinue.app.serve import Started, serve

__all__ = ["Started", "back_up", "restore", "serve"]
