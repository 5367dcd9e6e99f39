"""Work that is done later: the queue of jobs, the relay of events to consumers, and the worker that runs both."""

from .model import DeadLetter, Job, JobState

__all__ = ["DeadLetter", "Job", "JobState"]
