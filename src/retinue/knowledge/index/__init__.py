"""Vector stores in memory: their windows' vectors and words, searched exactly."""
