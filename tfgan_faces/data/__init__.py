"""Photos: found, decoded once into TFDS records, and served as uint8 batches."""
