"""The version of the package, which is recorded in runs and exports."""

VERSION = "0.10.0"
