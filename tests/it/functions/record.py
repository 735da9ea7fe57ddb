"""Python functions for the tests: each notes what it gets in $RECORD and does what its event asks."""

import json
import os
import time


def note(**what):
    with open(os.environ["RECORD"], "a", encoding="utf-8") as notes:
        notes.write(json.dumps(what) + "\n")


def echo(event, context):
    """Answers with the event and the context."""
    custom = getattr(context.client_context, "custom", None) if context.client_context else None
    seen = {
        "event": event,
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "custom": custom,
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
    }
    note(**seen)
    print("echo was here")
    return seen


def obey(event, context):
    """Fails, sleeps or answers as the event says."""
    note(event=event, request_id=context.aws_request_id)
    if "sleep" in event:
        time.sleep(event["sleep"])
    if "raise" in event:
        raise ValueError(event["raise"])
    return event.get("answer")


def http(event, context):
    """Notes the event of a Function URL; its query or a header says how to answer."""
    note(event=event, trace=os.environ.get("_X_AMZN_TRACE_ID"))
    time.sleep(event.get("sleep", 0))
    asked = {**event.get("queryStringParameters", {}), **event.get("headers", {})}
    answer = asked.get("answer")
    if answer == "raise":
        raise ValueError("asked to")
    if answer == "echo":
        return event
    return json.loads(answer) if answer else {"statusCode": 200, "body": "ok"}


def sqs(event, context):
    """Reports the messages that ask to fail."""
    note(event=event, request_id=context.aws_request_id, trace=os.environ.get("_X_AMZN_TRACE_ID"))
    failures = []
    for record in event["Records"]:
        order = json.loads(record["body"])
        if "sleep" in order:
            time.sleep(order["sleep"])
        if order.get("do") == "raise":
            raise ValueError("asked to")
        if order.get("do") == "fail":
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
