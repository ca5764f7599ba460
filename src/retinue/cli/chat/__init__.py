"""`retinue chat`: a conversation in the terminal."""
