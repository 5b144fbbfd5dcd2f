"""Loads Ray, which is imported only here and only for --executor ray, and joins a cluster."""

import logging
import os
import socket
from types import ModuleType
from typing import Any

from primum.core.errors import DataError

REACHED_WITHIN_SECONDS = 10.0


def load_ray() -> ModuleType:
    """Import Ray, with its usage statistics switched off.

    Raises:
        DataError: it is not installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else it warns about GPUs
    try:
        import ray  # noqa: PLC0415  (an extra, and 0.6 s)
        import ray.util.scheduling_strategies  # noqa: PLC0415
    except ImportError:
        raise DataError('--executor ray: Ray is not installed: pip install "primum[ray]"') from None
    logging.getLogger("ray").setLevel(logging.ERROR)
    loaded: ModuleType = ray
    return loaded


def join(ray: ModuleType, address: str | None, workers: int | None) -> None:
    """Start a cluster on this machine, or join the one at an address.

    Raises:
        DataError: there is no cluster at the address, or it cannot be joined.
    """
    own: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False}
    try:
        if address and address != "auto":  # Ray itself looks for minutes
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), REACHED_WITHIN_SECONDS).close()
        ray.init(
            address=address or "local",
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if address else own),
        )
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        said = " ".join(str(error).split())
        raise DataError(f"--address {address or 'local'}: no Ray cluster: {said}") from None


def cause_of(ray: ModuleType, error: BaseException) -> BaseException:
    """The original error of the process that did the work."""
    while isinstance(error, ray.exceptions.RayTaskError) and error.cause is not None:
        error = error.cause
    return error
