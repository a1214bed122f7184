"""A line of the box: what its ear hears, its call, and its live recordings."""
