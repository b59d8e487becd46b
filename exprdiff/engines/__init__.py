"""What runs SQL over tables: a file an engine, in which ``run`` does a task."""
