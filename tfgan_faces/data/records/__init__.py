"""Photos and drawn faces as TFDS records, prepared once."""
