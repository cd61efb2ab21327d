"""Sources of photos, folders and archives, and the decoding of photos."""
