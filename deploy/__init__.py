"""`mxl-launch`: what a job consists of, how its processes are started, watched and ended."""
