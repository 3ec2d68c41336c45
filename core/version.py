"""The one place that holds the version: the build reads it here, and so does `mx.__version__`."""

__version__ = "0.1.0"
