// Sends, publishes and receives with the AWS SDK under OpenTelemetry's instrumentation.
//
// client.cjs send QUEUE_URL | send-batch QUEUE_URL BODY… | receive QUEUE_URL COUNT | publish TOPIC_ARN
const { AwsInstrumentation } = require('@opentelemetry/instrumentation-aws-sdk');
const { start } = require('./telemetry.cjs');

const { tracer, provider } = start(new AwsInstrumentation());
// After the instrumentation, or it is not instrumented.
const sqs = require('@aws-sdk/client-sqs');
const sns = require('@aws-sdk/client-sns');

const order = (work) => tracer.startActiveSpan('order', (span) => work().finally(() => span.end()));

const commands = {
  send: (QueueUrl) =>
    order(() => new sqs.SQSClient().send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: '{"order":1}' }))),

  'send-batch': (QueueUrl, ...bodies) => {
    const Entries = bodies.map((MessageBody, n) => ({ Id: String(n), MessageBody }));
    return order(() => new sqs.SQSClient().send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries })));
  },

  receive: async (QueueUrl, count) => {
    const client = new sqs.SQSClient();
    for (let left = Number(count); left > 0; ) {
      const receive = new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2, MaxNumberOfMessages: 10 });
      const { Messages = [] } = await client.send(receive);
      for (const { ReceiptHandle } of Messages) {
        await client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        left -= 1;
      }
    }
  },

  publish: (TopicArn) =>
    order(() => new sns.SNSClient().send(new sns.PublishCommand({ TopicArn, Message: '{"order":1}' }))),
};

const [command, ...args] = process.argv.slice(2);
commands[command](...args).then(() => provider.shutdown());
