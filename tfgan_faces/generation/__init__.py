"""Pictures from a trained generator."""
