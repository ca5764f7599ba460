"""Floor 0: values and rules. No I/O, no async, nothing but the standard library and msgspec."""
