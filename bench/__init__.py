"""`make bench`: turns a second, latency, memory, start and training time of Peyk on this machine."""
