"""A Lambda function as OpenTelemetry's layer instruments it, and one that only notes its event."""

import os

from opentelemetry import trace
from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor
from telemetry import tracer

TRACER = tracer()


def handler(event, context):
    with TRACER.start_as_current_span("ship"):
        return {"records": len(event["Records"])}


# It looks the handler up by this name.
assert os.environ["_HANDLER"] == "function.handler"
AwsLambdaInstrumentor().instrument(tracer_provider=trace.get_tracer_provider())
