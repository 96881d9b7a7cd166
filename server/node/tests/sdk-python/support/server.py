"""A Holdfast of one's own: the real binary on a fresh data folder, on a port of the system's choice."""

import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from support.deadline import DEADLINE_SECONDS

BUILT = Path(__file__).parents[5] / "target" / "debug" / "holdfast"
BINARY = os.environ.get("HOLDFAST_BIN", str(BUILT))

# The server refuses variables that it does not know, so it gets none of ours.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("HOLDFAST_")}

# Data is kept in memory where the system offers that: a killed process leaves behind what it wrote either way, and the
# tests do not wait for a busy disk.
MEMORY = Path("/dev/shm")
FOLDER = os.environ.get("TMPDIR") or (str(MEMORY) if MEMORY.is_dir() else None)

READY = re.compile(r"ready http://127\.0\.0\.1:(\d+)\n")


@dataclass(frozen=True)
class Who:
    """Whose token, and what it allows."""

    sub: str
    role: str | None = None
    teams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    # A channel: the token is for this subscription alone.
    subscribe: str | None = None
    ttl: str | None = None

    def options(self) -> list[str]:
        """The same as options of `holdfast token`."""
        named = {
            "--sub": self.sub,
            "--role": self.role,
            "--teams": ",".join(self.teams),
            "--channels": ",".join(self.channels),
            "--subscribe": self.subscribe,
            "--ttl": self.ttl,
        }
        return [word for name, value in named.items() if value for word in (name, value)]


class Server:
    """The process, and what it keeps."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="holdfast-sdk-", dir=FOLDER))
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def endpoint(self) -> str:
        """Where the SDK connects."""
        return f"ws://127.0.0.1:{self.port}/connection/websocket"

    def start(self) -> None:
        """Starts it, or starts it again with the same data on the same port."""
        listen = f"127.0.0.1:{self.port}"
        command = [BINARY, "serve", "--listen", listen, "--ops-listen", "off", "--data", str(self.data), "--log", "warn",
                   "--organiser-passkeys", "optional"]
        command += ["--delay-target", "1m"]
        self._process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = _line(self._process.stdout)
        ready = READY.fullmatch(line)
        assert ready is not None, f"not a ready line: {line!r}"
        self.port = int(ready[1])

    def end(self, by: signal.Signals) -> int:
        """Ends it by a signal; answers how it ended once it did."""
        process = self._process
        assert process is not None, "the server does not run"
        self._process = None
        process.send_signal(by)
        with process:
            return process.wait(DEADLINE_SECONDS)

    def remove(self) -> None:
        """Ends it for good and removes what it kept."""
        if self._process is not None:
            self.end(signal.SIGKILL)
        shutil.rmtree(self.data)

    def token(self, who: Who) -> str:
        """A token, as `holdfast token` prints it."""
        command = [BINARY, "token", *who.options(), "--data", str(self.data)]
        printed = subprocess.run(
            command, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True, timeout=DEADLINE_SECONDS
        )
        return printed.stdout.strip()


def _line(source: IO[str]) -> str:
    """The next line, or nothing if it does not come in time."""
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        return source.readline() if selector.select(DEADLINE_SECONDS) else ""
