#!/bin/sh
# An extension that writes down what it hears. The first lines are for the shell, which knows where Python is.
''':'
exec "$PYTHON" "$0" "$@"
'''
import json
import os
import urllib.request

BASE = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2020-01-01/extension"


def call(path, headers, body=None):
    request = urllib.request.Request(BASE + path, data=body, headers=headers)
    with urllib.request.urlopen(request) as response:
        return response.headers, json.load(response)


def write(line):
    with open(os.environ["WATCHED"], "a", encoding="utf-8") as watched:
        watched.write(line + "\n")


name = os.path.basename(__file__)
events = json.dumps({"events": ["INVOKE", "SHUTDOWN"]}).encode()
headers, registered = call("/register", {"Lambda-Extension-Name": name}, events)
write("registered " + registered["functionName"] + " " + registered["handler"])
identity = {"Lambda-Extension-Identifier": headers["Lambda-Extension-Identifier"]}
while True:
    _, event = call("/event/next", identity)
    if event["eventType"] == "SHUTDOWN":
        write("SHUTDOWN " + event["shutdownReason"].lower())
        break
    write("INVOKE " + event["requestId"])
