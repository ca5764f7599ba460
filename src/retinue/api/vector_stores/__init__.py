"""Vector stores over the API: their bodies (bodies), their objects (render), their routes."""
