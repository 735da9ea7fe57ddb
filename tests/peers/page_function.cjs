// The JavaScript of docs/other-languages.md as a Lambda function; $PAGE is the file.
const { start } = require('./telemetry.cjs');

const { provider } = start();
const page = require(process.env.PAGE);

exports.handler = async (event) => {
  for (const record of event.Records) await page.process('orders', record, async () => {});
  // The environment is frozen as soon as this is done, with whatever is still under way.
  await provider.forceFlush();
};
