"""What has to be done now and then, whoever is there to do it."""

from peyk.worker.loop import Job, Worker

__all__ = ["Job", "Worker"]
