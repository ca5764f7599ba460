"""Bodies of requests, one module a noun: shapes and limits by the contract, and what they come to as core values."""
