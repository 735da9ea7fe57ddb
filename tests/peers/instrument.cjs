// Loaded before the function, as OpenTelemetry's layer does it: node --require ./instrument.cjs
const { AwsLambdaInstrumentation } = require('@opentelemetry/instrumentation-aws-lambda');
const { start } = require('./telemetry.cjs');

const useGlobalPropagatorForSqsExtraction = process.env.SQS_LINKS === 'attributes';
start(new AwsLambdaInstrumentation({ useGlobalPropagatorForSqsExtraction }));
