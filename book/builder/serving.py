"""The site on this machine, for a look."""

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from builder import BuildError


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files; says nothing about each."""

    # Windows takes these from its registry, where they are often wrong.
    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".css": "text/css",
        ".svg": "image/svg+xml",
        ".ipynb": "application/x-ipynb+json",
    }

    def log_message(self, *arguments: object) -> None:
        """Keep the terminal free."""


def make_server(site: Path, port: int = 8000) -> ThreadingHTTPServer:
    """A server of folder `site` on this machine alone.

    Takes the next free port where `port` is in use; 0 takes any free one.

    Raises
    ------
    BuildError
        Where there is no site, or none of twenty ports is free.
    """
    if not (Path(site) / "index.html").is_file():
        raise BuildError(f"There is no site in {site} yet: run `make book` first.")
    handler = functools.partial(_Quiet, directory=str(site))
    for candidate in [port] if port == 0 else range(port, port + 20):
        try:
            return ThreadingHTTPServer(("127.0.0.1", candidate), handler)
        except OSError:
            continue
    raise BuildError(f"No port between {port} and {port + 19} is free: choose one with --port.")


def serve(site: Path, port: int = 8000) -> None:
    """Serve until interrupted."""
    server = make_server(site, port)
    print(f"The book is at http://127.0.0.1:{server.server_port}/  (Ctrl+C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
