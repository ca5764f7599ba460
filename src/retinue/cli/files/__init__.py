"""`retinue files`: documents that assistants can search."""
