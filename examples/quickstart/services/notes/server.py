"""Lists the notes of the database that berth names in DATABASE_URL."""
import json
import os
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATABASE = os.environ["DATABASE_URL"].removeprefix("file:")


def notes():
    with sqlite3.connect(DATABASE) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute('SELECT "id", "title", "done" FROM "Note" ORDER BY "id"')]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = {"status": "ok"} if self.path == "/health" else notes()
        text = json.dumps(body, indent=2).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *args):
        if self.path != "/health":
            print(format % args)


port = int(os.environ["PORT"])
print(f"notes on http://127.0.0.1:{port}")
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
