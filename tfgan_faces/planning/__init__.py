"""The cost of a training: memory, time and devices."""
