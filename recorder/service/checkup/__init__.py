"""What `recorder doctor` looks at."""
