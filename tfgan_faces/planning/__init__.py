"""What a training costs: memory, time, devices."""
