"""Constants of the export, TF Serving's configuration in `export/`, the client and the page."""

MODEL_NAME = "faces"
# Batches are padded to the next of these sizes. A request has at most as many rows as the last.
BATCH_SIZES = (1, 4, 16)
# Of a request. A small request for many faces would take all of a server's memory.
MAX_ROWS = 256
