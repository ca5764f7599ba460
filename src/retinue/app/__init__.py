"""Floor 7: puts it together. The only room that knows which back end stands behind which seam.

Its names are imported from its modules: a command of the terminal that writes a key has no use for an HTTP server.
"""
