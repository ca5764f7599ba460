"""The routes of the Assistants API v2."""

from starlette.routing import Route

from retinue.api.assistants import assistants, messages, runs, steps, threads
from retinue.api.call import Router


def routes(router: Router, prefix: str) -> list[Route]:
    """Return all routes under a prefix such as `/v1`."""
    a, t = f"{prefix}/assistants", f"{prefix}/threads"
    thread, message = t + "/{thread}", t + "/{thread}/messages/{message}"
    run = thread + "/runs/{run}"
    route = router.route
    return [
        route("POST", a, assistants.create),
        route("GET", a, assistants.list_),
        route("GET", a + "/{assistant}", assistants.retrieve),
        route("POST", a + "/{assistant}", assistants.modify),
        route("DELETE", a + "/{assistant}", assistants.delete),
        route("POST", t, threads.create),
        route("POST", f"{t}/runs", runs.create_with_thread),
        route("GET", thread, threads.retrieve),
        route("POST", thread, threads.modify),
        route("DELETE", thread, threads.delete),
        route("POST", f"{thread}/messages", messages.create),
        route("GET", f"{thread}/messages", messages.list_),
        route("GET", message, messages.retrieve),
        route("POST", message, messages.modify),
        route("DELETE", message, messages.delete),
        route("POST", f"{thread}/runs", runs.create),
        route("GET", f"{thread}/runs", runs.list_),
        route("GET", run, runs.retrieve),
        route("POST", run, runs.modify),
        route("POST", f"{run}/cancel", runs.cancel),
        route("POST", f"{run}/submit_tool_outputs", runs.submit_outputs),
        route("GET", f"{run}/steps", steps.list_),
        route("GET", run + "/steps/{step}", steps.retrieve),
    ]
