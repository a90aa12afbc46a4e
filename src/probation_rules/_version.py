"""The version of the library and of the rules it ships."""

__version__ = "1.0.0rc1"
