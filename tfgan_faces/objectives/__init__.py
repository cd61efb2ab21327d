"""What the networks are trained for: losses, constraints, balance, augmentation."""
