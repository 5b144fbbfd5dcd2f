"""Errors that a user sees as one line, each with its exit code."""


class PrimumError(Exception):
    """An error that a user can fix; the message is the one line that they read."""

    exit_code = 3


class DataError(PrimumError):
    """A suite, a panel or a workspace that cannot be used as it is."""


class UsageError(PrimumError):
    """A command line that names something that does not exist, or options that exclude others."""

    exit_code = 2


class ProviderError(PrimumError):
    """A provider that cannot be reached or paid."""

    exit_code = 4
