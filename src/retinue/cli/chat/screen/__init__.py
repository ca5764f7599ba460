"""What an answer looks like while it comes: drawn on a terminal, read aloud, in a pipe, or as JSON."""
