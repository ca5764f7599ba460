"""The routes of the Assistants API, both generations'."""

from starlette.routing import Route
from starlette.types import ASGIApp

from retinue.api.assistants import assistants, messages, runs, steps, threads
from retinue.api.assistants.form import V1, form_of
from retinue.api.assistants.v1 import assistants as v1_assistants
from retinue.api.assistants.v1 import files as v1_files
from retinue.api.call import Call, Endpoint, Router


def routes(router: Router, prefix: str) -> list[Route]:
    """Return all routes under a prefix such as `/v1`."""
    a, t = f"{prefix}/assistants", f"{prefix}/threads"
    thread, message = t + "/{thread}", t + "/{thread}/messages/{message}"
    run = thread + "/runs/{run}"
    route = router.route
    return [
        route("POST", a, _by_form(assistants.create, v1_assistants.create)),
        route("GET", a, _by_form(assistants.list_, v1_assistants.list_)),
        route("GET", a + "/{assistant}", _by_form(assistants.retrieve, v1_assistants.retrieve)),
        route("POST", a + "/{assistant}", _by_form(assistants.modify, v1_assistants.modify)),
        route("DELETE", a + "/{assistant}", assistants.delete),
        route("POST", a + "/{assistant}/files", v1_files.attach),
        route("GET", a + "/{assistant}/files", v1_files.list_),
        route("GET", a + "/{assistant}/files/{file}", v1_files.retrieve),
        route("DELETE", a + "/{assistant}/files/{file}", v1_files.detach),
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
        route("GET", f"{message}/files", v1_files.list_of_message),
        route("GET", message + "/files/{file}", v1_files.retrieve_of_message),
        route("POST", f"{thread}/runs", runs.create),
        route("GET", f"{thread}/runs", runs.list_),
        route("GET", run, runs.retrieve),
        route("POST", run, runs.modify),
        route("POST", f"{run}/cancel", runs.cancel),
        route("POST", f"{run}/submit_tool_outputs", runs.submit_outputs),
        route("GET", f"{run}/steps", steps.list_),
        route("GET", run + "/steps/{step}", steps.retrieve),
    ]


def _by_form(v2: Endpoint, v1: Endpoint) -> Endpoint:
    """Choose the endpoint of the generation that a call speaks."""

    async def endpoint(call: Call) -> ASGIApp:
        return await (v1 if form_of(call) is V1 else v2)(call)

    return endpoint
