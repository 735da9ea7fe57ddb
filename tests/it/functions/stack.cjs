// A shop with Express, PostgreSQL and Redis, and no line about tracing.
const http = require("node:http");
const express = require("express");
const { Client } = require("pg");
const { createClient } = require("redis");

const shop = async () => {
  const postgres = new Client({ connectionString: process.env.POSTGRES });
  const redis = createClient({ url: process.env.REDIS });
  await postgres.connect();
  await redis.connect();
  const app = express();
  app.get("/stock/:sku", async (request, response) => {
    const known = await redis.get(`stock:${request.params.sku}`);
    const { rows } = await postgres.query("SELECT 7 AS quantity WHERE $1::text <> ''", [request.params.sku]);
    response.json({ known, quantity: rows[0].quantity });
  });
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const close = async () => {
    server.close();
    await postgres.end();
    await redis.close();
  };
  return { port: server.address().port, close };
};

const get = (url) =>
  new Promise((resolve, reject) => {
    const read = (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve(body));
    };
    http.get(url, { agent: false }, read).on("error", reject);
  });

exports.handler = async () => {
  const { port, close } = await shop();
  const body = await get(`http://127.0.0.1:${port}/stock/a`);
  await close();
  return { statusCode: 200, body };
};
