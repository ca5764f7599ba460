"""What runs within the walls, or builds them: standard library only, for it is loaded into every session."""
