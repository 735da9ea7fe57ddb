"""A shop with PostgreSQL and Redis, and no line about tracing."""

import json
import os

import psycopg2
import redis


def handler(event, context):
    known = redis.Redis.from_url(os.environ["REDIS"]).get("stock:a")
    with psycopg2.connect(os.environ["POSTGRES"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 7 AS quantity WHERE %s <> ''", ("a",))
        (quantity,) = cursor.fetchone()
    return {"statusCode": 200, "body": json.dumps({"known": known, "quantity": quantity})}
