"""The Assistants API, second generation: its bodies (bodies), its objects (render), its events, its routes."""
