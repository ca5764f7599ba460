"""Who is asked: names, aliases, chains of providers."""
