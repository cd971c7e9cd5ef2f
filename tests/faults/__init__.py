"""What `make faults` proves: whatever breaks on the way, nothing is lost, nothing comes twice or to somebody else."""
