"""`make bench`: turns, latency, memory, start, training, the widget and many sockets of Peyk on this machine."""
