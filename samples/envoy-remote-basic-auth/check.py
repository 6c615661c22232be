"""A service that knows one password: foo's is bar. Answers 200 or 403."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Check(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200 if question == {"username": "foo", "password": "bar"} else 403)
        self.send_header("content-length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 8090), Check).serve_forever()
