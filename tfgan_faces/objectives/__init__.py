"""Training objectives: losses, penalties, constraints, balancing, augmentation, optimizers."""
