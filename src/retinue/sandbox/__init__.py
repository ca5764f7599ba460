"""Where the model's code runs."""
