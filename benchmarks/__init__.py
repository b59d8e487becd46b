"""Programs that measure the differentiator and print what they find as tables.

``python -m benchmarks`` measures its speed and that of its peers; each.py and
accuracy.py are programs of their own.
"""
