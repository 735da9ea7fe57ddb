"""Runs the Python of docs/other-languages.md: page.py FILE send QUEUE_URL OWN | process QUEUE_URL COUNT

`send` sends one message that has OWN attributes already.
"""

import importlib.util
import sys

import boto3
from telemetry import tracer

TRACER = tracer()
file, command, queue, count = sys.argv[1:]
spec = importlib.util.spec_from_file_location("page", file)
page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(page)
sqs = boto3.client("sqs")


def send(own):
    attributes = {f"own{n}": {"DataType": "String", "StringValue": "kept"} for n in range(own)}
    with TRACER.start_as_current_span("order"):
        page.send(sqs, queue, '{"order":1}', attributes)


def process(left):
    asked = {"MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]}
    while left:
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2, **asked).get("Messages", []):
            with_span = page.process("orders", message, handle)
            assert with_span == "handled", with_span
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            left -= 1


def handle(message):
    with TRACER.start_as_current_span("ship"):
        return "handled"


{"send": send, "process": process}[command](int(count))
