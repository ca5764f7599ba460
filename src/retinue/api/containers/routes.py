"""The routes of containers."""

from starlette.routing import Route

from retinue.api.call import Router
from retinue.api.containers import containers, files


def routes(router: Router, prefix: str) -> list[Route]:
    """Return all routes under a prefix such as `/v1`."""
    all_containers = f"{prefix}/containers"
    container = all_containers + "/{container}"
    file = container + "/files/{container_file}"
    route = router.route
    return [
        route("POST", all_containers, containers.create),
        route("GET", all_containers, containers.list_),
        route("GET", container, containers.retrieve),
        route("DELETE", container, containers.delete),
        route("POST", f"{container}/files", files.create),
        route("GET", f"{container}/files", files.list_),
        route("GET", file, files.retrieve),
        route("DELETE", file, files.delete),
        route("GET", f"{file}/content", files.download),
    ]
