"""The version of the package, which runs and exports name."""

VERSION = "0.8.0"
