"""One function for every row of the layer's matrix: $DO says what it does."""

import os
import sys
import time


def answer(event):
    return event


def http(event):
    return {"statusCode": 404, "headers": {"content-type": "text/plain"}, "body": "no such order"}


def batch(event):
    failed = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def fail(event):
    raise ValueError("no stock")


def sleep(event):
    time.sleep(600)


def hog(event):
    held = []
    while True:
        held.append(b"x" * (16 * 1024 * 1024))


def leave(event):
    sys.exit(1)


if os.environ["DO"] == "init":
    raise ImportError("no such module")


def handler(event, context):
    return globals()[os.environ["DO"]](event)
