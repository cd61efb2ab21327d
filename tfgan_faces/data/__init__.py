"""Photo data: finding photos, preparing them as TFDS records, and serving uint8 batches."""
