"""Chat completions, streamed: what is handed on, as any gateway does."""

import contextlib
from collections.abc import Iterator

from bench import litellm, targets
from bench.figures import Round, with_added
from bench.plan import Plan
from bench.servers import relay, retinue, upstream

LITELLM_SLICES = 5


def measure(plan: Plan) -> Iterator[Round]:
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(upstream())
        compared = [targets.direct(port), targets.chats("relay", stack.enter_context(relay(port)))]
        for prefix, checkout in plan.checkouts():
            server = stack.enter_context(retinue(port, checkout=checkout))
            compared.append(targets.chats(f"{prefix}chat", server))
        if plan.litellm:
            compared.append(targets.chats("litellm", stack.enter_context(litellm.proxy(port)), slices=LITELLM_SLICES))
        measures = (targets.first_delta, targets.streams, targets.chunks)
        yield from map(with_added, targets.rounds_of(compared, measures, plan))
