"""The vendored OpenAPI document, and the checks that hold a server to it."""
