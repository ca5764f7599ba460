"""What is known of models: sizes, images, and how that is found out."""
