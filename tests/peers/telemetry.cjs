// The OpenTelemetry SDK as its documentation sets it up: spans go to $OTEL_EXPORTER_OTLP_ENDPOINT.
const { trace } = require('@opentelemetry/api');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { NodeTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');

exports.start = (...instrumentations) => {
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())] });
  provider.register();
  registerInstrumentations({ tracerProvider: provider, instrumentations });
  return { tracer: trace.getTracer('peer'), provider };
};
