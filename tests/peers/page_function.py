"""The Python of docs/other-languages.md as a Lambda function; $PAGE is the file."""

import importlib.util
import os

from telemetry import tracer

TRACER = tracer()
spec = importlib.util.spec_from_file_location("page", os.environ["PAGE"])
page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(page)


def handler(event, context):
    for record in event["Records"]:
        page.process("orders", record, lambda record: None)
