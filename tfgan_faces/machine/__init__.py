"""The hardware and the system that the package runs on."""
