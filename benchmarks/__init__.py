"""Programs that measure the differentiator and print what they find as a table."""
