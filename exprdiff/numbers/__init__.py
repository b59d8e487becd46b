"""The number systems: a file each, with everything that a rule may ask of its ``m``."""
