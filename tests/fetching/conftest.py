"""An archive on this machine that misbehaves as told, a catalog that points to it, and a folder."""

import hashlib
import http.server
import threading
import time
from dataclasses import dataclass, field

import pytest
import yaml

from abz.catalog import Catalog
from abz.fetching import Patience

NETCDF = b"\x89HDF\r\n\x1a\n"


def make_content(seed, size=5_000):
    """Bytes that begin like NetCDF-4 and differ by seed."""
    body = b"".join(hashlib.sha256(f"{seed} {i}".encode()).digest() for i in range(size // 32 + 1))
    return (NETCDF + body)[:size]


@pytest.fixture
def content():
    """What makes the bytes of a file."""
    return make_content


@dataclass
class Archive:
    """What the server holds, how it misbehaves, and what it was asked."""

    files: dict = field(default_factory=dict)
    faults: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    resumes: bool = True
    marks: bool = True
    conditions: bool = True
    held_to: list = field(default_factory=list)
    address: str = ""

    def url(self, name):
        return f"{self.address}/{name}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        archive = self.server.archive
        body = archive.files.get(self.path.lstrip("/"))
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()

    def do_GET(self):
        archive = self.server.archive
        name = self.path.lstrip("/").partition("?")[0]
        archive.asked.append((name, self.headers.get("Range")))
        faults = archive.faults.get(name, [])
        fault = faults.pop(0) if faults else None
        if callable(fault):
            fault = fault(archive)
        if isinstance(fault, int):
            return self._plain(fault, b"no", {"Retry-After": "0"} if fault == 503 else {})
        if fault == "page":
            return self._plain(
                200,
                b"<!DOCTYPE html><title>Log in</title>",
                {"Content-Type": "text/html; charset=utf-8"},
            )
        if fault == "odd page":
            return self._plain(200, b"<!-- 3 -->site,year", {"Content-Type": "text/html"})
        if fault == "disguised page":
            return self._plain(200, b"\n<html><body>down for repair</body></html>", {})
        if name not in archive.files:
            return self._plain(404, b"no such file", {})
        return self._send(archive, archive.files[name], fault)

    def _send(self, archive, body, fault):
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        begin, status = 0, 200
        wanted = self.headers.get("Range")
        archive.held_to.append(self.headers.get("If-Range"))
        same = not archive.conditions or self.headers.get("If-Range") in (None, tag)
        if wanted and archive.resumes and same:
            begin, status = int(wanted.removeprefix("bytes=").rstrip("-")), 206
        if begin >= len(body) and begin:
            return self._plain(416, b"", {"Content-Range": f"bytes */{len(body)}"})
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) - begin))
        if archive.marks:
            self.send_header("ETag", tag)
        if status == 206:
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        rest = body[begin:]
        if fault in ("truncate", "stall"):
            self.wfile.write(rest[: max(len(rest) // 2, 1)])
            self.wfile.flush()
            if fault == "stall":
                time.sleep(1.2)
            self.close_connection = True
            return None
        if fault == "drip":
            for i in range(0, len(rest), 20):
                self.wfile.write(rest[i : i + 20])
                time.sleep(0.05)
            return None
        self.wfile.write(rest)
        return None

    def _plain(self, status, body, headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    """A server that is not told when a client hangs up."""

    def handle_error(self, request, client_address):
        pass


@pytest.fixture
def archive():
    """The server."""
    server = Server(("127.0.0.1", 0), Handler)
    server.archive = Archive(address=f"http://127.0.0.1:{server.server_port}")
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.archive
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def patience():
    """Little of it."""
    return Patience(tries=4, first=0.01, longest=0.05, connect=5.0, stall=0.8)


@pytest.fixture
def root(tmp_path):
    """The data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def entry(name, pattern, pin):
    """Data and entry of a catalog."""
    urls = [pattern] if isinstance(pattern, str) else list(pattern)
    data = {
        "datatype": "intake.readers.datatypes:FileData",
        "kwargs": {"url": [f"{{root}}/{url}" for url in urls]},
        "metadata": {}, "user_parameters": {},
    }  # fmt: skip
    identity = {
        "product": name.title(), "version": "1", "provider": "test", "license": "CC0",
        "access": "open", "period": "2001-2003", "url": f"https://example.org/{name}",
    }  # fmt: skip
    made = {
        "reader": "abz.catalog:ProductReader",
        "kwargs": {"data": f"{{data({name}_files)}}", "product": name, "folder": "{root}"},
        "output_instance": "xarray:Dataset", "user_parameters": {},
        "metadata": {"pin": identity | pin},
    }  # fmt: skip
    return data, made


def make_catalog(path, entries):
    """A catalog of (name, pattern, pin)."""
    made = {name: entry(name, pattern, pin) for name, pattern, pin in entries}
    document = {
        "version": 2, "metadata": {"title": "test"},
        "user_parameters": {"root": {
            "cls": "intake.readers.user_parameters:SimpleUserParameter", "dtype": "str",
            "default": "data", "description": "folder"}},
        "aliases": {name: name for name in made},
        "data": {f"{name}_files": data for name, (data, _) in made.items()},
        "entries": {name: found for name, (_, found) in made.items()},
    }  # fmt: skip
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@pytest.fixture
def catalog_of(tmp_path, root):
    """A catalog of (name, pattern, pin), loaded anew at each call."""

    def write(*entries):
        path = make_catalog(tmp_path / "catalog.yaml", entries)
        return lambda: Catalog.load(path, root)

    return write


@pytest.fixture
def yearly(catalog_of, archive):
    """A catalog of one dataset, three yearly files."""
    for year in (2001, 2002, 2003):
        archive.files[f"t_{year}.nc"] = make_content(year)
    origin = {"by": "http", "url": archive.url("t_{year}.nc"), "paths": ["tiny/t_{year}.nc"]}
    pin = {"years": [2001, 2003], "origins": [origin]}
    return catalog_of(("tiny", "tiny/t_{year}.nc", pin))
