"""Prepared photos, and endless batches of them."""
