"""What `make faults` proves: whatever breaks on the way, nothing is lost, nothing comes twice or to somebody else."""


class NotHere(Exception):
    """Why a proof cannot be run on this machine. It is printed, and is no failure."""
