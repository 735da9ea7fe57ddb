"""A runtime client made of nothing but sockets. The event says what to do: {"do": "echo", ...}."""

import base64
import http.client
import json
import os
import signal
import socket
import sys
import threading
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = "/2018-06-01/runtime/"


def call(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(API)
    connection.request(method, path if path.startswith("/") else BASE + path, body, headers or {})
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read().decode()


def log(line):
    print(line, flush=True)


def stream(request_id, echo, chunks, trailers, gate=None):
    """A chunked response with trailers, as http.client cannot send them."""
    head = f"POST {BASE}invocation/{request_id}/response HTTP/1.1\r\nHost: {API}\r\n{echo}"
    head += "Content-Type: text/plain\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n"
    head += "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n"
    head += "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    host, port = API.split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode())
        for number, chunk in enumerate(chunks):
            # The rest comes when the file is there: a reader that saw the first chunk makes it.
            while number and gate and not os.path.exists(gate):
                time.sleep(0.01)
            connection.sendall(f"{len(chunk):x}\r\n{chunk}\r\n".encode())
        connection.sendall(("0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in trailers.items()) + "\r\n").encode())
        status = connection.recv(4096).split(b" ")[1].decode()
    log(f"stream status {status}")


def handle(event, headers, post):
    """Returns the payload, or None when the answer has been posted already."""
    request_id = headers["lambda-runtime-aws-request-id"]
    nonce = headers["lambda-runtime-invocation-id"]
    do = event.get("do", "echo")
    if do == "echo":
        return {"event": event, "headers": headers}
    if do == "env":
        return dict(os.environ)
    if do == "argv":
        return {"argv": sys.argv, "wrapped": os.environ.get("WRAPPED"), "cwd": os.getcwd()}
    if do == "pid":
        return {"pid": os.getpid()}
    if do == "print":
        log(event["line"])
        return "printed"
    if do == "error":
        body = json.dumps({"errorMessage": "no", "errorType": "ValueError", "stackTrace": []})
        post("error", body, {"Lambda-Runtime-Function-Error-Type": event["type"]})
        return None
    if do == "sleep":
        time.sleep(event["seconds"])
        return "slept"
    if do == "late":
        # Outlives the deadline and answers afterwards, when it is told to end.
        def answer(*_):
            log("late " + " ".join(map(str, call("POST", f"invocation/{request_id}/response", b"1",
                                               {"Lambda-Runtime-Invocation-Id": nonce})[::2])))
            os._exit(0)
        signal.signal(signal.SIGTERM, answer)
        time.sleep(60)
    if do == "answer and exit":
        post("response", json.dumps("last words"), {})
        os._exit(5)
    if do == "meet":
        # Answers when as many invocations have come as were asked for.
        MET.append(request_id)
        while len(MET) < event["with"]:
            time.sleep(0.01)
        return len(MET)
    if do == "exit":
        os._exit(event["code"])
    if do == "hog":
        held = bytearray(event["mb"] * 1024 * 1024)
        for page in range(0, len(held), 4096):
            held[page] = 1
        time.sleep(60)
    if do == "stream":
        echo = f"Lambda-Runtime-Invocation-Id: {nonce}\r\n"
        stream(request_id, echo, event["chunks"], event.get("trailers", {}), event.get("gate"))
        return None
    if do == "refusals":
        # What Lambda refuses, in one invocation; the last call is the good one.
        good = {"Lambda-Runtime-Invocation-Id": nonce}
        stale = {"Lambda-Runtime-Invocation-Id": "00000000-0000-4000-8000-000000000000"}
        seen = [
            call("POST", "init/error", b"{}"),
            call("POST", "invocation/00000000-0000-4000-8000-000000000000/response", b"1"),
            call("POST", f"invocation/{request_id}/response", b"1", stale),
            call("GET", "restore/next"),
            call("GET", "invocation/next")[:1] + ({}, "the same event"),
            call("POST", f"invocation/{request_id}/response", json.dumps("answer"), good),
            call("POST", f"invocation/{request_id}/response", b"again", good),
        ]
        for status, _, body in seen:
            log(f"{status} {body}")
        return None
    if do == "too large":
        log("too large %d" % post("response", b"x" * event["bytes"], {})[0])
        return None
    if do == "bad mode":
        log("bad mode %d" % post("response", b"x", {"Lambda-Runtime-Function-Response-Mode": "wild"})[0])
        return None
    if do == "too late":
        # After init nobody registers or subscribes any more.
        seen = [
            extension("POST", "2020-01-01/extension/register", '{"events":["INVOKE"]}',
                      {"Lambda-Extension-Name": "second"}),
            extension("PUT", "2022-07-01/telemetry", "{}", INTERNAL),
        ]
        for status, _, body in seen:
            log(f"too late {status} {body}")
        return "seen"
    if do == "child":
        pid = os.fork()
        if pid == 0:
            time.sleep(600)
        return {"pid": os.getpid(), "child": pid}
    if do == "ticks":
        # A thread that counts wall-clock time while the process runs.
        def tick():
            while True:
                time.sleep(0.01)
                TICKS[0] += 1
        if not TICKS:
            TICKS.append(0)
            threading.Thread(target=tick, daemon=True).start()
        return {"ticks": TICKS[0]}
    raise ValueError(do)


TICKS = []
MET = []
INTERNAL = {}


def extension(method, path, body=None, headers=None):
    return call(method, "/" + path, body, headers)


def internal_extension(name):
    """A thread of the runtime that is an extension of its own."""
    _, found, _ = extension("POST", "2020-01-01/extension/register", '{"events":["INVOKE"]}',
                            {"Lambda-Extension-Name": name})
    INTERNAL["Lambda-Extension-Identifier"] = found["lambda-extension-identifier"]

    def loop():
        while True:
            event = extension("GET", "2020-01-01/extension/event/next", None, INTERNAL)[2]
            log("internal " + json.loads(event)["eventType"])
    threading.Thread(target=loop, daemon=True).start()


def restored():
    """SnapStart: waits for the restore, and runs a hook after it."""
    log(f"init at {time.time():.3f}")
    status = call("GET", "restore/next")[0]
    log(f"restored {status}")
    if os.environ.get("HOOK") == "fail":
        body = json.dumps({"errorMessage": "no database", "errorType": "Runtime.AfterRestoreError"})
        status = call("POST", "restore/error", body, {"Lambda-Runtime-Function-Error-Type": "Runtime.AfterRestoreError"})[0]
        log(f"restore error {status}")
        sys.exit(1)
    if os.environ.get("HOOK") == "exit":
        sys.exit(4)


def main():
    mark = os.environ.get("INIT_ONCE")  # A file that remembers the first init.
    first = mark and not os.path.exists(mark)
    if first:
        open(mark, "w").close()
    init = os.environ.get("INIT") if first or not mark else None
    if init == "sleep":
        time.sleep(60)
    if init == "exit":
        sys.exit(3)
    if init == "error":
        body = json.dumps({"errorMessage": "cannot import", "errorType": "Runtime.ImportModuleError"})
        call("POST", "init/error", body, {"Lambda-Runtime-Function-Error-Type": "Runtime.ImportModuleError"})
        sys.exit(1)
    if os.environ.get("INTERNAL"):
        internal_extension(os.environ["INTERNAL"])
    if os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "snap-start" and os.environ.get("HOOK") != "none":
        restored()
    for _ in range(1, int(os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY", "1"))):
        threading.Thread(target=work, daemon=True).start()
    work()


def work():
    while True:
        status, headers, body = call("GET", "invocation/next")
        if status != 200:
            sys.exit(f"next: {status} {body}")
        request_id = headers["lambda-runtime-aws-request-id"]
        echo = {"Lambda-Runtime-Invocation-Id": headers["lambda-runtime-invocation-id"]}

        def post(what, body, more):
            return call("POST", f"invocation/{request_id}/{what}", body, {**echo, **more})

        event = json.loads(body)
        if "rawPath" in event:  # A Function URL: what to do is in the request's body.
            event = json.loads(event.get("body", "{}"))
        payload = handle(event, headers, post)
        if payload is not None:
            status, _, said = post("response", json.dumps(payload), {"Content-Type": "application/json"})
            if status == 410:  # Too late, which is not fatal.
                log(f"response {status}")
            elif (status, said) != (202, '{"status":"OK"}'):
                sys.exit(f"response: {status} {said}")


main()
