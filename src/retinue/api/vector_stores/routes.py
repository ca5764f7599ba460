"""The routes of vector stores."""

from starlette.routing import Route

from retinue.api.call import Router
from retinue.api.vector_stores import batches, files, stores
from retinue.api.vector_stores.search import search
from retinue.models import Model


def routes(router: Router, prefix: str, model: Model, *, default_model: str | None) -> list[Route]:
    """Return all routes under a prefix such as `/v1`; `default_model` rewrites queries, if there is one."""
    all_stores = f"{prefix}/vector_stores"
    store = all_stores + "/{vector_store}"
    file, batch = store + "/files/{file}", store + "/file_batches/{file_batch}"
    route = router.route
    return [
        route("POST", all_stores, stores.create),
        route("GET", all_stores, stores.list_),
        route("GET", store, stores.retrieve),
        route("POST", store, stores.modify),
        route("DELETE", store, stores.delete),
        route("POST", f"{store}/search", search(model, default_model)),
        route("POST", f"{store}/files", files.attach),
        route("GET", f"{store}/files", files.list_),
        route("GET", file, files.retrieve),
        route("POST", file, files.modify),
        route("DELETE", file, files.detach),
        route("GET", f"{file}/content", files.content),
        route("POST", f"{store}/file_batches", batches.create),
        route("GET", batch, batches.retrieve),
        route("POST", f"{batch}/cancel", batches.cancel),
        route("GET", f"{batch}/files", batches.list_files),
    ]
