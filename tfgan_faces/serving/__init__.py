"""From the averaged generator to a version that TF Serving loads."""
