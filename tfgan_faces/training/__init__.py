"""Training: the step, the loop around it, and the actions that run every few steps."""
