"""An extension made of nothing but sockets. EXT_* variables of the function say what it does."""

import http.client
import http.server
import json
import os
import sys
import threading
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
NAME = os.path.basename(__file__)


def call(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(API)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read().decode()


def log(*words):
    print(*words, flush=True)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(int(os.environ.get("EXT_TELEMETRY_STATUS", "200")))
        self.send_header("content-length", "0")
        self.end_headers()
        for record in json.loads(body):
            short = record["record"] if record["type"] in ("function", "extension") else ""
            if record["type"] == "platform.logsDropped":
                short = record["record"]["droppedRecords"]
            log("got", record["type"], short)

    def log_message(self, *_):
        pass


def main():
    hidden = ("_HANDLER", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_XRAY_DAEMON_ADDRESS")
    log("sees", [name for name in hidden + ("AWS_LAMBDA_FUNCTION_NAME",) if name in os.environ])
    if os.environ.get("EXT_SLOW_START"):
        time.sleep(float(os.environ["EXT_SLOW_START"]))
    log("registers")
    events = os.environ.get("EXT_EVENTS", "INVOKE,SHUTDOWN").split(",")
    if events == [""]:
        events = []
    headers = {"Lambda-Extension-Name": NAME, "Lambda-Extension-Accept-Feature": "accountId"}
    status, found, body = call("POST", "/2020-01-01/extension/register", json.dumps({"events": events}), headers)
    log("register", status, body)
    me = {"Lambda-Extension-Identifier": found.get("lambda-extension-identifier", "")}
    if os.environ.get("EXT_REFUSALS"):
        register = "/2020-01-01/extension/register"
        unknown = {"Lambda-Extension-Identifier": "00000000-0000-4000-8000-000000000000"}
        refused = [
            call("POST", register, "{}", {}),
            call("POST", register, "{", {"Lambda-Extension-Name": "x"}),
            call("POST", register, '{"events":["INVOKE"]}', headers),
            call("POST", register, '{"events":["SHUTDOWN"]}', {"Lambda-Extension-Name": "internal"}),
            call("GET", "/2020-01-01/extension/event/next"),
            call("GET", "/2020-01-01/extension/event/next", None, {"Lambda-Extension-Identifier": "x"}),
            call("GET", "/2020-01-01/extension/event/next", None, unknown),
            call("POST", "/2020-01-01/extension/exit/error", b"{}", me),
            call("PUT", "/2022-07-01/telemetry", "{}", me),
            call("GET", "/ping"),
        ]
        for status, _, body in refused:
            log("refused", status, body)
    types = os.environ.get("EXT_TELEMETRY")
    if types:
        receiver = http.server.ThreadingHTTPServer((API.split(":")[0], 4323), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        want = {"schemaVersion": "2022-12-13", "types": types.split(","),
                "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
                "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:4323"}}
        status, _, body = call("PUT", "/2022-07-01/telemetry", json.dumps(want), me)
        log("subscribe", status, body)
    if os.environ.get("EXT_INIT_ERROR"):
        more = {"Lambda-Extension-Function-Error-Type": "Extension.ConfigInvalid"}
        log("init error", call("POST", "/2020-01-01/extension/init/error", b"{}", {**me, **more})[0])
        sys.exit(1)
    while True:
        status, found, body = call("GET", "/2020-01-01/extension/event/next", None, me)
        event = json.loads(body)
        log("event", event["eventType"], event.get("shutdownReason", event.get("requestId")))
        if event["eventType"] == "SHUTDOWN":
            if os.environ.get("EXT_STUBBORN"):
                time.sleep(60)
            time.sleep(float(os.environ.get("EXT_LAST_WORK", "0")))
            time.sleep(0.1)  # Records that are still on their way.
            log("bye")
            return
        if os.environ.get("EXT_CRASH"):
            sys.exit(7)
        time.sleep(float(os.environ.get("EXT_WORK", "0")))
        log("worked")


main()
