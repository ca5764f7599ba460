"""Tests of `retinue chat` on a real terminal."""
