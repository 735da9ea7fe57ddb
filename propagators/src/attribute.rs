//! Names of span attributes: OpenTelemetry's semantic conventions 1.44, and Baton's own under `baton.`.
//!
//! Whoever makes spans of the same things, as the Lambda layer does, takes the same names.
//!
//! ```
//! use baton_propagators::attribute;
//!
//! assert_eq!(attribute::BATON_RECEIVE_COUNT, "baton.receive_count");
//! ```

/// The DynamoDB tables of a request.
pub const AWS_DYNAMODB_TABLE_NAMES: &str = "aws.dynamodb.table_names";
/// The ARN that the caller used, alias included.
pub const AWS_LAMBDA_INVOKED_ARN: &str = "aws.lambda.invoked_arn";
/// The name of a Kinesis stream.
pub const AWS_KINESIS_STREAM_NAME: &str = "aws.kinesis.stream_name";
/// The id of a request to an AWS API.
pub const AWS_REQUEST_ID: &str = "aws.request_id";
/// The ARN of an SNS topic.
pub const AWS_SNS_TOPIC_ARN: &str = "aws.sns.topic.arn";
/// The URL that a message was sent to.
pub const AWS_SQS_QUEUE_URL: &str = "aws.sqs.queue.url";
/// The ARN of a state machine.
pub const AWS_STEP_FUNCTIONS_STATE_MACHINE_ARN: &str = "aws.step_functions.state_machine.arn";
/// The address of an HTTP client.
pub const CLIENT_ADDRESS: &str = "client.address";
/// The function's account.
pub const CLOUD_ACCOUNT_ID: &str = "cloud.account.id";
/// The ARN of the function, with the version that ran.
pub const CLOUD_RESOURCE_ID: &str = "cloud.resource_id";
/// The region of a request to an AWS API.
pub const CLOUD_REGION: &str = "cloud.region";
/// The table or collection of a database call.
pub const DB_COLLECTION_NAME: &str = "db.collection.name";
/// What a database call does, in words of the database.
pub const DB_OPERATION_NAME: &str = "db.operation.name";
/// The kind of database.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// What kind of error it was; of low cardinality.
pub const ERROR_TYPE: &str = "error.type";
/// The text of an error, on an `exception` event.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// The type of an error, on an `exception` event.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// Whether this was the first invocation of the environment.
pub const FAAS_COLDSTART: &str = "faas.coldstart";
/// The bucket, table or collection that changed.
pub const FAAS_DOCUMENT_COLLECTION: &str = "faas.document.collection";
/// The key of the object that changed.
pub const FAAS_DOCUMENT_NAME: &str = "faas.document.name";
/// `insert`, `edit` or `delete`.
pub const FAAS_DOCUMENT_OPERATION: &str = "faas.document.operation";
/// When it changed, as the event writes it.
pub const FAAS_DOCUMENT_TIME: &str = "faas.document.time";
/// The request id of the invocation.
pub const FAAS_INVOCATION_ID: &str = "faas.invocation_id";
/// The function that is called.
pub const FAAS_INVOKED_NAME: &str = "faas.invoked_name";
/// Who runs the function that is called: `aws`.
pub const FAAS_INVOKED_PROVIDER: &str = "faas.invoked_provider";
/// Where the function that is called runs.
pub const FAAS_INVOKED_REGION: &str = "faas.invoked_region";
/// When a timer went off, as the event writes it.
pub const FAAS_TIME: &str = "faas.time";
/// `http`, `pubsub`, `datasource`, `timer` or `other`.
pub const FAAS_TRIGGER: &str = "faas.trigger";
/// `query`, `mutation` or `subscription`.
pub const GRAPHQL_OPERATION_TYPE: &str = "graphql.operation.type";
/// One of the known methods, or `_OTHER`.
pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
/// The method when it is `_OTHER`.
pub const HTTP_REQUEST_METHOD_ORIGINAL: &str = "http.request.method_original";
/// How often the request was sent before this time.
pub const HTTP_REQUEST_RESEND_COUNT: &str = "http.request.resend_count";
/// The status of the response.
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
/// The route template that matched.
pub const HTTP_ROUTE: &str = "http.route";
/// How many messages a batch has.
pub const MESSAGING_BATCH_MESSAGE_COUNT: &str = "messaging.batch.message_count";
/// The queue's name.
pub const MESSAGING_DESTINATION_NAME: &str = "messaging.destination.name";
/// The partition or shard that a record came from.
pub const MESSAGING_DESTINATION_PARTITION_ID: &str = "messaging.destination.partition.id";
/// Where a record stands in its partition.
pub const MESSAGING_KAFKA_OFFSET: &str = "messaging.kafka.offset";
/// The size of the body, in bytes.
pub const MESSAGING_MESSAGE_BODY_SIZE: &str = "messaging.message.body.size";
/// The id that the queue gave the message.
pub const MESSAGING_MESSAGE_ID: &str = "messaging.message.id";
/// What was done, in words of the system.
pub const MESSAGING_OPERATION_NAME: &str = "messaging.operation.name";
/// `send`, `receive`, `process`, `settle` or `create`.
pub const MESSAGING_OPERATION_TYPE: &str = "messaging.operation.type";
/// The kind of queue: [`AWS_SQS`], `aws.sns`, `kafka`, ….
pub const MESSAGING_SYSTEM: &str = "messaging.system";
/// The version of HTTP.
pub const NETWORK_PROTOCOL_VERSION: &str = "network.protocol.version";
/// Service and operation of a call: `Lambda/Invoke`.
pub const RPC_METHOD: &str = "rpc.method";
/// The kind of call: `aws-api`.
pub const RPC_SYSTEM_NAME: &str = "rpc.system.name";
/// The host that an HTTP client asked for.
pub const SERVER_ADDRESS: &str = "server.address";
/// The port that an HTTP client asked for, where it named one.
pub const SERVER_PORT: &str = "server.port";
/// Where a request went, without credentials.
pub const URL_FULL: &str = "url.full";
/// The path of a request, without its query.
pub const URL_PATH: &str = "url.path";
/// `http` or `https`.
pub const URL_SCHEME: &str = "url.scheme";
/// The path of a request with names in place of what varies.
pub const URL_TEMPLATE: &str = "url.template";
/// The user agent, as it came.
pub const USER_AGENT_ORIGINAL: &str = "user_agent.original";

/// When the message was sent, epoch milliseconds.
pub const BATON_SENT_TIME_MS: &str = "baton.sent_time_ms";
/// When the message was received for the first time, epoch milliseconds.
pub const BATON_FIRST_RECEIVE_TIME_MS: &str = "baton.first_receive_time_ms";
/// How often the message was received, this time included.
pub const BATON_RECEIVE_COUNT: &str = "baton.receive_count";
/// How long the message was in its queue until its handler started, milliseconds; with a retry, of all its tries.
pub const BATON_QUEUE_LAG_MS: &str = "baton.queue_lag_ms";
/// The ARN of the queue that gave the message up.
pub const BATON_DEAD_LETTER_SOURCE: &str = "baton.dead_letter_source";
/// Whether a Kinesis record holds several, packed by the Kinesis Producer Library.
pub const BATON_AGGREGATED: &str = "baton.aggregated";
/// What an event is about, in words of its source: a Cognito trigger, a result of an invocation, `ttl`.
pub const BATON_EVENT_TYPE: &str = "baton.event_type";
/// The source that an EventBridge event names, or the rule of a schedule.
pub const BATON_EVENT_SOURCE: &str = "baton.event_source";
/// The ARN of the Step Functions or durable execution that a function runs in.
pub const BATON_EXECUTION: &str = "baton.execution";
/// How many contexts of the event were there and not valid.
pub const BATON_INVALID_CONTEXTS: &str = "baton.invalid_contexts";
/// The request id that the producer was answered with; it has it as `aws.request_id`.
pub const BATON_ORIGIN_REQUEST_ID: &str = "baton.origin_request_id";
/// The replay that an EventBridge event comes out of.
pub const BATON_REPLAY_NAME: &str = "baton.replay_name";
/// The state of a Step Functions execution.
pub const BATON_STATE: &str = "baton.state";
/// `ok` or `failed`, for one message.
pub const BATON_OUTCOME: &str = "baton.outcome";

/// `messaging.system` of SQS. The conventions write it with an underscore, and SNS with a dot.
pub const AWS_SQS: &str = "aws_sqs";
/// `messaging.system` of SNS.
pub const AWS_SNS: &str = "aws.sns";
/// `messaging.system` of EventBridge, which the conventions do not name.
pub const AWS_EVENTBRIDGE: &str = "aws.eventbridge";
/// `messaging.system` of Kinesis, which the conventions do not name.
pub const AWS_KINESIS: &str = "aws.kinesis";
/// `messaging.system` of Firehose, which the conventions do not name.
pub const AWS_FIREHOSE: &str = "aws.firehose";
/// `error.type` and `http.request.method` where the conventions have no better name.
pub const OTHER: &str = "_OTHER";
