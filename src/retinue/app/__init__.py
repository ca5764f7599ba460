"""Floor 7: puts it together. The only room that knows which back end stands behind which seam."""

from retinue.app.archive import back_up, restore
from retinue.app.serve import Started, serve
from retinue.app.transfer import export_dump, import_dumps, size_of

__all__ = ["Started", "back_up", "export_dump", "import_dumps", "restore", "serve", "size_of"]
