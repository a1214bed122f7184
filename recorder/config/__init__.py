"""What the box's owner sets: the model with its defaults, and its reading from files and the environment."""
