"""The Assistants API, second generation: its bodies (wire), its objects (render), its events, its routes."""
