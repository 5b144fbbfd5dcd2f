"""Errors that a user sees as one line, each with its exit code."""


class PrimumError(Exception):
    """Something a user can mend; the message is the one line they read."""

    exit_code = 3


class DataError(PrimumError):
    """A suite, a panel or a workspace that cannot be used as it is."""


class UsageError(PrimumError):
    """A command line that asks for what is not there."""

    exit_code = 2


class ProviderError(PrimumError):
    """A provider that cannot be reached or paid."""

    exit_code = 4
