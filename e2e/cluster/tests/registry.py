# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""A registry on loopback, as much of one as an engine's push and pull need; what it holds is in memory."""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry:
    """Engines talk to 127.0.0.0/8 without TLS. `silent`: takes requests and answers none, until it is closed."""

    def __init__(self, silent: bool = False):
        blobs: dict[str, bytes] = {}
        manifests: dict[str, tuple[str, bytes]] = {}
        uploads: dict[str, bytes] = {}
        self.closed = closed = threading.Event()
        self.manifests = manifests

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, code: int, body: bytes = b"", **headers: str) -> None:
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def body(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                data = b""
                while size := int(self.rfile.readline(), 16):
                    data += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return data

            def do_GET(self) -> None:
                if silent:
                    closed.wait()
                    return
                named = re.search(r"/(blobs|manifests)/([^/]+)$", self.path)
                kind, key = named.groups() if named else ("", "")
                if self.path == "/v2/":
                    self.answer(200)
                elif kind == "blobs" and key in blobs:
                    self.answer(200, blobs[key], Docker_Content_Digest=key)
                elif kind == "manifests" and key in manifests:
                    media, data = manifests[key]
                    self.answer(200, data, Content_Type=media, Docker_Content_Digest=digest(data))
                else:
                    self.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"not here"}]}')

            do_HEAD = do_GET

            def do_POST(self) -> None:
                self.body()
                upload = str(uuid.uuid4())
                uploads[upload] = b""
                self.answer(202, Location=f"/v2/x/blobs/uploads/{upload}", Docker_Upload_UUID=upload, Range="0-0")

            def do_PATCH(self) -> None:
                upload = self.path.split("?")[0].rsplit("/", 1)[1]
                uploads[upload] += self.body()
                end = f"0-{len(uploads[upload]) - 1}"
                self.answer(202, Location=f"/v2/x/blobs/uploads/{upload}", Docker_Upload_UUID=upload, Range=end)

            def do_PUT(self) -> None:
                data, key = self.body(), self.path.split("?")[0].rsplit("/", 1)[1]
                if "/manifests/" in self.path:
                    manifests[key] = manifests[digest(data)] = (self.headers["Content-Type"], data)
                else:
                    data = uploads.pop(key) + data
                    blobs[digest(data)] = data
                self.answer(201, Docker_Content_Digest=digest(data))

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.closed.set()
        self.server.shutdown()
        self.server.server_close()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
