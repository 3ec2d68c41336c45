"""The scheduler: who belongs to the job, who is alive, where the slots lie, when it is over."""
