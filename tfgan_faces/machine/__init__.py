"""What computes, and how its system behaves."""
