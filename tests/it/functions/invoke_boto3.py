"""Invokes functions with boto3 and prints what comes back, one line per case."""

import base64
import json
import sys
import threading
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

client = boto3.client(
    "lambda",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
    config=Config(retries={"max_attempts": 1}),
)


def show(case, **call):
    try:
        answer = client.invoke(**call)
    except ClientError as error:
        details = error.response
        status = details["ResponseMetadata"]["HTTPStatusCode"]
        more = {key: details[key] for key in ("Type", "Reason") if key in details}
        print(f"{case}: {status} {type(error).__name__} {details['Error']['Message']} {more}")
        return
    payload = answer["Payload"].read().decode()
    shown = json.loads(payload) if payload else None
    if isinstance(shown, dict):
        shown = {key: shown[key] for key in ("event", "custom", "errorType", "errorMessage") if key in shown}
    log = base64.b64decode(answer.get("LogResult", "")).decode()
    print(
        f"{case}: {answer['StatusCode']} error={answer.get('FunctionError')} version={answer.get('ExecutedVersion')}"
        f" {json.dumps(shown)}" + (" log has the print" if "echo was here" in log else "")
    )


def context(**custom):
    return base64.b64encode(json.dumps({"custom": custom}).encode()).decode()


show("answer", FunctionName="echo", Payload=b'{"order": 7}', LogType="Tail")
show("no payload", FunctionName="echo")
show("client context", FunctionName="echo", ClientContext=context(traceparent="00-ab-cd-01"))
show("arn", FunctionName="arn:aws:lambda:us-east-1:000000000000:function:echo", Payload=b"1")
show("latest", FunctionName="echo", Qualifier="$LATEST", Payload=b"2")
show("function error", FunctionName="obey", Payload=b'{"raise": "no stock"}')
show("dry run", FunctionName="echo", InvocationType="DryRun")
show("event", FunctionName="echo", InvocationType="Event", Payload=b"{}")
show("unknown function", FunctionName="nowhere")
show("unknown version", FunctionName="echo", Qualifier="7")
show("two versions", FunctionName="echo:live", Qualifier="7")
show("no json", FunctionName="echo", Payload=b"order 7")
show("bad context", FunctionName="echo", ClientContext="%%%")
show("large context", FunctionName="echo", ClientContext=context(a="x" * 3000))
show("large payload", FunctionName="echo", Payload=b'"' + b"x" * (6 * 1024 * 1024) + b'"')
show("large event", FunctionName="echo", InvocationType="Event", Payload=b'"' + b"x" * (1024 * 1024) + b'"')

busy = threading.Thread(target=lambda: client.invoke(FunctionName="obey", Payload=b'{"sleep": 3}'))
busy.start()
time.sleep(1)
show("throttled", FunctionName="obey")
busy.join()
