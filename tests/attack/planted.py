"""A page with a hole in it, planted by us: if a tool does not find it, that it found none in ours says nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


class _Hole(BaseHTTPRequestHandler):
    """`/?id=1` is put into the statement as it comes."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query).get("id", ["0"])[0]
        with sqlite3.connect(":memory:") as database:
            database.execute("create table leaf (id integer, name text)")
            database.executemany("insert into leaf values (?, ?)", enumerate(("oak", "ash", "elm")))
            try:
                found = database.execute(f"select name from leaf where id = {asked}").fetchall()  # noqa: S608
            except sqlite3.Error as wrong:
                found = [(str(wrong),)]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"<p>{found}</p>".encode())

    def log_message(self, *_said: object) -> None:
        """Nothing: there is nobody to read it."""


@contextmanager
def hole() -> Iterator[str]:
    """The address of such a page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hole)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/?id=1"
    finally:
        server.shutdown()
