// The same for Node, and with a streamed answer.
const actions = {
  answer: (event) => event,
  http: () => ({ statusCode: 404, headers: { "content-type": "text/plain" }, body: "no such order" }),
  batch: (event) => {
    const failed = event.Records.filter((record) => record.body === "bad");
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
  },
  fail: () => {
    throw new RangeError("no stock");
  },
  sleep: () => new Promise((resolve) => setTimeout(resolve, 600_000)),
  hog: () => {
    for (const held = []; ; ) held.push(Buffer.alloc(16 * 1024 * 1024, "x"));
  },
  leave: () => process.exit(1),
};

const streamed = async (event, responseStream) => {
  const metadata = { statusCode: 200, headers: { "Content-Type": "text/plain" }, cookies: ["a=1"] };
  const http = awslambda.HttpResponseStream.from(responseStream, metadata);
  http.write("first ");
  http.write("x".repeat(1_000_000));
  http.write(" last");
  http.end();
};

if (process.env.DO === "init") throw new Error("no such module");

export const handler =
  process.env.DO === "stream" ? awslambda.streamifyResponse(streamed) : async (event) => actions[process.env.DO](event);
