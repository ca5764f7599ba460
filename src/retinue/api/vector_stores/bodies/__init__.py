"""Bodies of requests, one module a noun."""
