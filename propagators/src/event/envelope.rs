//! What kind of event it is, by the keys at its top.

use super::Trigger;
use crate::json::{Raw, object};

object! {
    /// The keys that tell, and those that the sources read.
    pub(super) struct Envelope {
        records: "Records",
        request_context: "requestContext",
        version: "version",
        http_method: "httpMethod",
        resource: "resource",
        path: "path",
        route_key: "routeKey",
        raw_path: "rawPath",
        raw_query_string: "rawQueryString",
        headers: "headers",
        multi_value_headers: "multiValueHeaders",
        method: "method",
        lattice_path: "raw_path",
        body: "body",
        method_arn: "methodArn",
        route_arn: "routeArn",
        authorization_token: "authorizationToken",
        event_source: "eventSource",
        event_source_arn: "eventSourceArn",
        lower_records: "records",
        queues: "rmqMessagesByQueue",
        messages: "messages",
        changes: "events",
        delivery_stream: "deliveryStreamArn",
        source_stream: "sourceKinesisStreamArn",
        system_metadata: "SystemMetadata",
        metadata: "Metadata",
        data: "Data",
        detail_type: "detail-type",
        detail: "detail",
        source: "source",
        id: "id",
        time: "time",
        resources: "resources",
        replay_name: "replay-name",
        awslogs: "awslogs",
        durable: "DurableExecutionArn",
        execution_state: "InitialExecutionState",
        notification_type: "Type",
        topic: "TopicArn",
        message_id: "MessageId",
        message: "Message",
        message_attributes: "MessageAttributes",
        sent: "Timestamp",
        request_payload: "requestPayload",
        whole_event: "payload",
        kinesis_batch: "KinesisBatchInfo",
        dynamodb_batch: "DDBStreamBatchInfo",
        kafka_batch: "KafkaBatchInfo",
        timestamp: "timestamp",
        info: "info",
        request: "request",
        arguments: "arguments",
        trigger_source: "triggerSource",
        user_pool: "userPoolId",
        identity_pool: "identityPoolId",
        dataset: "datasetName",
        execution: "Execution",
        state: "State",
        state_machine: "StateMachine",
        payload: "Payload",
        input: "input",
        trace: "_trace",
        datadog: "_datadog",
        traceparent: "traceparent",
        test_event: "Event",
        bucket: "Bucket",
        request_type: "RequestType",
        stack: "StackId",
        pipeline_job: "CodePipeline.job",
        config_rule: "configRuleId",
        intent: "currentIntent",
        session_state: "sessionState",
        bot: "bot",
        details: "Details",
        alarm: "alarmData",
        agent: "agent",
        action_group: "actionGroup",
        connection: "connection-id",
        endpoint: "endpoint-id",
        object_request: "xAmzRequestId",
        user_request: "userRequest",
        secret: "SecretId",
        secret_token: "ClientRequestToken",
        protocol_data: "protocolData",
        signature_verified: "signatureVerified",
        device_event: "deviceEvent",
        placement: "placementInfo",
        serial_number: "serialNumber",
        click: "clickType",
        hook: "LifecycleEventHookExecutionId",
        tasks: "tasks",
        invocation_schema: "invocationSchemaVersion",
    }
}

object! {
    /// The parts of `requestContext` that tell which API it is.
    pub(super) struct RequestContext {
        stage: "stage",
        elb: "elb",
        domain_name: "domainName",
        message_direction: "messageDirection",
        event_type: "eventType",
        route_key: "routeKey",
        protocol: "protocol",
        identity: "identity",
        http: "http",
        service_network: "serviceNetworkArn",
        target_group: "targetGroupArn",
        function_arn: "functionArn",
        condition: "condition",
        request_id: "requestId",
        authorizer: "authorizer",
        query_string: "queryString",
    }
}

// ===== impl Envelope =====

impl<'a> Envelope<'a> {
    /// The order matters: events of some sources also look like those of later ones.
    pub(super) fn trigger(&self, context: &RequestContext<'a>) -> Trigger {
        self.http(context)
            .or_else(|| self.messaging())
            .or_else(|| self.lambda(context))
            .or_else(|| self.application())
            .or_else(|| self.other_services())
            .unwrap_or(Trigger::Other)
    }

    /// Requests, whatever else is in the event.
    pub(super) fn http(&self, context: &RequestContext<'a>) -> Option<Trigger> {
        let authorizer = self.method_arn.or(self.route_arn).is_some()
            || (self.authorization_token.is_some() && context.query_string.is_some());
        if authorizer {
            return Some(Trigger::Authorizer);
        }
        // No request has a direction, but test events for WebSockets have the rest of a REST request.
        if context.message_direction.is_some() {
            return Some(Trigger::WebSocket);
        }
        if context.stage.is_some() && self.http_method.is_some() && self.resource.is_some() {
            return Some(Trigger::ApiGatewayV1);
        }
        if self.version.is_some_and(|version| version.is("2.0")) && self.raw_query_string.is_some()
        {
            let domain = context.domain_name.and_then(Raw::text).unwrap_or_default();
            return Some(if domain.contains("lambda-url") {
                Trigger::FunctionUrl
            } else {
                Trigger::ApiGatewayV2
            });
        }
        if context.elb.is_some() {
            return Some(Trigger::Alb);
        }
        let lattice = context.service_network.or(context.target_group).is_some()
            || (self.lattice_path.is_some() && self.method.is_some());
        lattice.then_some(Trigger::VpcLattice)
    }

    /// What delivers messages.
    pub(super) fn messaging(&self) -> Option<Trigger> {
        if let Some(source) = self.event_source.and_then(Raw::text) {
            match source.as_ref() {
                "aws:kafka" => return Some(Trigger::Msk),
                "SelfManagedKafka" => return Some(Trigger::SelfManagedKafka),
                "aws:rmq" => return Some(Trigger::RabbitMq),
                "aws:mq" | "aws:amq" => return Some(Trigger::ActiveMq),
                "aws:docdb" => return Some(Trigger::DocumentDb),
                _ => {}
            }
        }
        if self.delivery_stream.is_some() && self.lower_records.is_some() {
            return Some(Trigger::Firehose);
        }
        let delivered = self
            .system_metadata
            .and_then(|system| system.get("aws:DeliveryType"));
        if delivered.is_some() {
            return Some(Trigger::EventBridge);
        }
        if self.detail_type.is_some() {
            let by_aws = |source: &str| self.source.is_some_and(|found| found.is(source));
            let scheduled = self
                .detail_type
                .is_some_and(|found| found.is("Scheduled Event"));
            return Some(
                if by_aws("aws.scheduler") || (by_aws("aws.events") && scheduled) {
                    Trigger::Schedule
                } else {
                    Trigger::EventBridge
                },
            );
        }
        let is_test = self
            .test_event
            .is_some_and(|event| event.is("s3:TestEvent"));
        if is_test && self.bucket.is_some() {
            return Some(Trigger::S3Test);
        }
        (self.notification_type.is_some() && self.topic.is_some()).then_some(Trigger::Sns)
    }

    fn lambda(&self, context: &RequestContext<'a>) -> Option<Trigger> {
        if self.durable.is_some() && self.execution_state.is_some() {
            return Some(Trigger::DurableFunction);
        }
        // Of a batch out of a stream only the place in the stream is told, or the whole event.
        let batch = self
            .kinesis_batch
            .or(self.dynamodb_batch)
            .or(self.kafka_batch);
        let result = self.request_payload.or(batch).is_some() && context.function_arn.is_some();
        result.then_some(Trigger::Destination)
    }

    fn application(&self) -> Option<Trigger> {
        let channel = self.info.and_then(|info| info.get("channel"));
        if self.info.is_some()
            && (self.arguments.is_some() || (self.request.is_some() && channel.is_some()))
        {
            return Some(Trigger::AppSync);
        }
        if (self.trigger_source.is_some() && self.user_pool.is_some())
            || (self.dataset.is_some() && self.identity_pool.is_some())
        {
            return Some(Trigger::Cognito);
        }
        super::step_functions::is_context(self).then_some(Trigger::StepFunctions)
    }

    fn other_services(&self) -> Option<Trigger> {
        let table = [
            ([self.awslogs, self.awslogs], Trigger::CloudWatchLogs),
            ([self.alarm, self.alarm], Trigger::CloudWatchAlarm),
            ([self.request_type, self.stack], Trigger::CloudFormation),
            (
                [self.pipeline_job, self.pipeline_job],
                Trigger::CodePipeline,
            ),
            ([self.hook, self.hook], Trigger::CodeDeploy),
            ([self.config_rule, self.config_rule], Trigger::Config),
            ([self.bot, self.intent.or(self.session_state)], Trigger::Lex),
            ([self.agent, self.action_group], Trigger::BedrockAgent),
            ([self.connection, self.endpoint], Trigger::ClientVpn),
            (
                [self.object_request, self.user_request],
                Trigger::S3ObjectLambda,
            ),
            ([self.tasks, self.invocation_schema], Trigger::S3Batch),
            ([self.secret, self.secret_token], Trigger::SecretsManager),
            ([self.protocol_data, self.signature_verified], Trigger::Iot),
            ([self.device_event, self.placement], Trigger::Iot),
            ([self.serial_number, self.click], Trigger::Iot),
        ];
        let contact = self.details.and_then(|details| details.get("ContactData"));
        let found = table
            .into_iter()
            .find(|(keys, _)| keys.iter().all(Option::is_some));
        found
            .map(|(_, trigger)| trigger)
            .or(contact.map(|_| Trigger::Connect))
    }
}
