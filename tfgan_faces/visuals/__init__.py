"""Images from arrays: plots, grids and files."""
