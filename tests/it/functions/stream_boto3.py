"""Invokes functions with a streamed answer over boto3 and prints what comes back, one line per case."""

import base64
import json
import sys

import boto3

client = boto3.client(
    "lambda",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)


def show(function):
    answer = client.invoke_with_response_stream(FunctionName=function, Payload=b"{}", LogType="Tail")
    kind, chunks, complete = answer["ResponseStreamContentType"], [], None
    for event in answer["EventStream"]:
        if "PayloadChunk" in event:
            chunks.append(event["PayloadChunk"]["Payload"])
        else:
            complete = event["InvokeComplete"]
    log = base64.b64decode(complete["LogResult"]).decode()
    details = json.loads(complete.get("ErrorDetails", "null"))
    error = complete.get("ErrorCode"), details and details["errorMessage"]
    several = "several chunks" if len(chunks) > 1 else f"{len(chunks)} chunks"
    print(f"{function}: {answer['ExecutedVersion']} {kind}: {len(b''.join(chunks))} bytes in {several}, {error}, {log.split()[0]}")


for name in sys.argv[2:]:
    show(name)
