"""Training: one step, the loop around it, and what is done every few steps."""
