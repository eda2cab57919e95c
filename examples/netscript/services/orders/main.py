"""The orders of the database, over HTTP. psql stands in for a driver, so that nothing needs installing."""
import json
import os
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def query(sql):
    # The address goes by the environment: an argument could be read by every process of the machine.
    env = {**os.environ, "PGHOST": os.environ["ORDERS_DB_HOST"], "PGPORT": os.environ["ORDERS_DB_PORT"],
           "PGUSER": os.environ["ORDERS_DB_USERNAME"], "PGPASSWORD": os.environ["ORDERS_DB_PASSWORD"],
           "PGDATABASE": os.environ["ORDERS_DB_DATABASENAME"]}
    return subprocess.run(["psql", "-XAtc", sql], env=env, capture_output=True, text=True, check=True).stdout


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            body = {"status": "ok", "workers": os.environ["services__workers-api__http__0"]}
        else:
            body = json.loads(query('SELECT coalesce(json_agg(o ORDER BY o."id"), \'[]\') FROM "Order" o'))
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *args):
        pass


print("orders on port", os.environ["PORT"])
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
