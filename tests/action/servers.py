"""Servers on loopback: files, and as much of GitHub's API as comments need."""

import contextlib
import http.server
import json
import re
import socket
import threading


class Tunnel(http.server.BaseHTTPRequestHandler):
    """A proxy that opens every tunnel to `server.target`, whatever host was asked for."""

    def do_CONNECT(self):
        self.server.requests.append((self.command, self.path))
        with socket.create_connection(self.server.target) as upstream:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=self._pump, args=(upstream, self.connection), daemon=True)
            back.start()
            self._pump(self.connection, upstream)
            back.join()

    @staticmethod
    def _pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other side has gone

    def log_message(self, format, *args):
        pass


class Recorded(http.server.BaseHTTPRequestHandler):
    """`server.answers(method, path, headers, body)` gives (status, body, headers)."""

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.requests.append((self.command, self.path))
        status, text, headers = self.server.answers(self.command, self.path, self.headers, body)
        data = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_POST = do_PATCH = _answer

    def log_message(self, format, *args):
        pass


def serving(answers, tls=None):
    """`tls`: the ssl.SSLContext of a server that speaks https."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorded)
    if tls:
        # Hands are shaken in the connection's own thread: one that breaks off must not hold up the server.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.answers = answers
    return running(server)


def tunnelling(target):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)
    server.target = target.server_address
    return running(server)


@contextlib.contextmanager
def running(server):
    server.requests = []
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def files(contents):
    """Answers from a dictionary of paths and bytes."""

    def answers(method, path, headers, body):
        if path not in contents:
            return 404, "not found", {}
        return 200, contents[path], {}

    return answers


class GitHubDouble:
    def __init__(self, writable=True):
        self.writable = writable
        self.comments = []

    def answers(self, method, path, headers, body):
        if not headers.get("Authorization", "").startswith("Bearer "):
            return 401, json.dumps({"message": "Requires authentication"}), {}
        if path == "/user":
            return 403, json.dumps({"message": "Resource not accessible by integration"}), {}
        if re.match(r"/repos/o/r/issues/\d+/comments", path):
            if method == "GET":
                return 200, json.dumps(self.comments), {}
            if not self.writable:
                return 403, json.dumps({"message": "Resource not accessible by integration"}), {}
            self.comments.append({"id": len(self.comments) + 1, "user": {"login": "github-actions[bot]"},
                                  "body": json.loads(body)["body"]})
            return 201, json.dumps(self.comments[-1]), {}
        update = re.match(r"/repos/o/r/issues/comments/(\d+)", path)
        if method == "PATCH" and update:
            self.comments[int(update.group(1)) - 1]["body"] = json.loads(body)["body"]
            return 200, "{}", {}
        return 404, json.dumps({"message": "Not Found"}), {}
