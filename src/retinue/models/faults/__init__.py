"""What goes wrong between us and a provider: told as faults with their blame, whatever words it came in."""
