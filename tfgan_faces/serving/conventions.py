"""What the export, TF Serving's configuration in `export/`, the client and the page agree on."""

MODEL_NAME = "faces"
# Batches are padded to the next of these; a request may have as many rows as the last.
BATCH_SIZES = (1, 4, 16)
