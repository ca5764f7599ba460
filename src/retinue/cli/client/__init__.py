"""The API as the commands calls it: the way in, through a server or an engine of its own, and typed calls."""
