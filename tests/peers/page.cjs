// Runs the JavaScript of docs/other-languages.md: page.cjs FILE send QUEUE_URL OWN | process QUEUE_URL COUNT
//
// `send` sends one message that has OWN attributes already.
const { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } = require('@aws-sdk/client-sqs');
const { start } = require('./telemetry.cjs');

const { tracer, provider } = start();
const [file, command, QueueUrl, count] = process.argv.slice(2);
const page = require(file);
const sqs = new SQSClient();

const commands = {
  send: (own) => {
    const kept = { DataType: 'String', StringValue: 'kept' };
    const attributes = Object.fromEntries(Array.from({ length: own }, (_, n) => [`own${n}`, kept]));
    return tracer.startActiveSpan('order', (span) =>
      page.send(sqs, QueueUrl, '{"order":1}', attributes).finally(() => span.end()));
  },

  process: async (left) => {
    while (left > 0) {
      const asked = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'], WaitTimeSeconds: 2 };
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...asked }));
      for (const message of Messages) {
        const handled = await page.process('orders', message, async () =>
          tracer.startActiveSpan('ship', (span) => (span.end(), 'handled')));
        if (handled !== 'handled') throw new Error(`the handler's result is ${handled}`);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
        left -= 1;
      }
    }
  },
};

commands[command](Number(count)).then(() => provider.shutdown());
