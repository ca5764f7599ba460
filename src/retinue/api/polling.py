"""How long those that poll for an end should wait."""

_SHARE = 0.1  # of the age of what is polled: a client that polls so often sees the end at most a tenth late


def poll_header(age_s: float, *, least_ms: int, most_ms: int) -> dict[str, str]:
    """Return the header by which the official clients' helpers poll; without it they wait a second."""
    pause = max(least_ms, min(int(age_s * 1000 * _SHARE), most_ms))
    return {"openai-poll-after-ms": str(pause)}
