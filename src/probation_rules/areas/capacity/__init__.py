"""Capacity: an officer's workload beside the hours they have for it."""
