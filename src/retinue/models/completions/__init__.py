"""A chat completion on its way in: bytes become events."""
