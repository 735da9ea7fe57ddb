"""Sends, publishes and receives with boto3 under OpenTelemetry's instrumentations.

client.py send QUEUE_URL | send-batch QUEUE_URL BODY… | receive QUEUE_URL COUNT | publish TOPIC_ARN
"""

import json
import sys

import boto3
from opentelemetry.instrumentation.boto3sqs import Boto3SQSInstrumentor
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from telemetry import tracer

TRACER = tracer()
BotocoreInstrumentor().instrument()
Boto3SQSInstrumentor().instrument()


def send(queue):
    with TRACER.start_as_current_span("order"):
        boto3.client("sqs").send_message(QueueUrl=queue, MessageBody='{"order":1}')


def send_batch(queue, *bodies):
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
    with TRACER.start_as_current_span("order"):
        boto3.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)


def receive(queue, count):
    sqs = boto3.client("sqs")
    left = int(count)
    while left:
        received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2, MaxNumberOfMessages=10)
        # The span of a message is the current one inside of this loop.
        for message in received.get("Messages", []):
            with TRACER.start_as_current_span("ship " + message["Body"]):
                left -= 1
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def publish(topic):
    with TRACER.start_as_current_span("order"):
        boto3.client("sns").publish(TopicArn=topic, Message=json.dumps({"order": 1}))


command, *arguments = sys.argv[1:]
{"send": send, "send-batch": send_batch, "receive": receive, "publish": publish}[command](*arguments)
