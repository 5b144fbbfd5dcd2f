"""Serve a GGUF file to Primum: llama.cpp's own OpenAI-compatible server, on loopback, from a wheel.

Needs the extra `llamacpp` (`pip install 'primum[llamacpp]'`). `python serve.py MODEL.gguf` prints
the address for `api_base` once the model is loaded, and serves until Ctrl-C or SIGTERM.
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xllamacpp import CommonParams

# OpenMP reads it when llama.cpp is loaded: a thread that spins while it waits takes the core from
# whoever else has work, and two of them on two busy cores write ten times fewer tokens a second.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def parameters(options: argparse.Namespace) -> "CommonParams":
    """llama.cpp's settings: each reply may use `context` tokens, prompt and reply together."""
    from xllamacpp import CommonParams

    params = CommonParams()
    params.model.path = str(options.model)
    params.model_alias = {options.model.stem}
    params.hostnames = ["127.0.0.1"]
    params.port = options.port
    params.n_parallel = options.parallel
    params.n_ctx = options.context * options.parallel
    params.use_jinja = True
    params.enable_chat_template = True
    params.endpoint_metrics = True  # /metrics: its own count of tokens
    params.verbosity = 1  # errors
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads = options.threads
        threads.poll = 0
    return params


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", type=Path, help="a GGUF file")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument(
        "--context", type=int, default=8192, help="tokens of a prompt and its reply"
    )
    parser.add_argument("--parallel", type=int, default=1, help="replies written at once")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of the processor")
    options = parser.parse_args()
    if not options.model.is_file():
        parser.error(f"{options.model} is no file; name a GGUF file")
    return options


def main() -> None:
    """Serve until stopped."""
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from xllamacpp import Server

    try:
        server = Server(parameters(options))
    except RuntimeError:
        port = f", and is port {options.port} free" if options.port else ""
        sys.exit(f"llama.cpp did not start: is {options.model} a GGUF file{port}?")
    print(f"{server.listening_address}/v1", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        del server  # ends llama.cpp's threads


if __name__ == "__main__":
    main()
