"""Containers over the API: their bodies (bodies), their objects (render), their routes."""
