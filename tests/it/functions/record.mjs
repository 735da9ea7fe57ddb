// The same for Node: notes what it gets in $RECORD and does what its event asks.
import { appendFileSync } from "node:fs";

export const echo = async (event, context) => {
  const seen = { event, request_id: context.awsRequestId, arn: context.invokedFunctionArn, trace: process.env._X_AMZN_TRACE_ID };
  appendFileSync(process.env.RECORD, JSON.stringify(seen) + "\n");
  if (event.raise) throw new RangeError(event.raise);
  return seen;
};

export const stream = awslambda.streamifyResponse(async (event, responseStream) => {
  appendFileSync(process.env.RECORD, JSON.stringify({ event }) + "\n");
  const http = awslambda.HttpResponseStream.from(responseStream, {
    statusCode: 201,
    headers: { "Content-Type": "text/plain", "X-Streamed": "yes" },
    cookies: ["a=1"],
  });
  http.write("first ");
  http.write("second");
  http.end();
});
