"""Context sizes by the list that the genai-prices package brings along; no network."""


def context_window(model: str, provider_url: str) -> int | None:
    """Return how many tokens a provider's model reads; None where the list doesn't say. Blocks for 0.3 s at first."""
    # Here and not at the top: the import takes 0.3 s and 30 MB, and not every process asks.
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, entry = get_snapshot().find_provider_model(model, None, None, provider_url)
    except LookupError:
        return None
    return entry.context_window
