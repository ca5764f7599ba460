"""The contract of the store: what every database behind its seam must do, and what each does besides."""
