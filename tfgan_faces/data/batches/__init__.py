"""Readers of prepared photos, and endless batches of them."""
