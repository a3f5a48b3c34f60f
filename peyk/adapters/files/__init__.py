"""Files on this machine: bytes on disk, and a child process that looks into what strangers send."""
