//! What invokes a function.

use std::fmt;

macro_rules! triggers {
    ($($(#[$doc:meta])* $trigger:ident $name:literal $faas:ident),+ $(,)?) => {
        /// What invokes a function.
        ///
        /// ```
        /// use baton_propagators::event::{Event, Trigger};
        ///
        /// let event = Event::parse(br#"{"awslogs": {"data": "H4sIAAAAAAAAA"}}"#);
        /// assert_eq!(event.trigger, Trigger::CloudWatchLogs);
        /// assert_eq!((event.trigger.to_string().as_str(), event.trigger.faas_trigger()), ("cloudwatch-logs", "other"));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Trigger {
            $($(#[$doc])* $trigger),+
        }

        impl Trigger {
            /// Its name in the output of `baton-inspect`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$trigger => $name),+
                }
            }

            /// The value of `faas.trigger`.
            #[must_use]
            pub const fn faas_trigger(self) -> &'static str {
                match self {
                    $(Self::$trigger => stringify!($faas)),+
                }
            }
        }
    };
}

triggers! {
    /// An event source mapping on an SQS queue.
    Sqs "sqs" pubsub,
    /// An SNS topic.
    Sns "sns" pubsub,
    /// A rule of EventBridge.
    EventBridge "eventbridge" pubsub,
    /// A scheduled rule of EventBridge, or EventBridge Scheduler with its default payload.
    Schedule "schedule" timer,
    /// A Kinesis stream.
    Kinesis "kinesis" pubsub,
    /// A transformation in a Firehose stream.
    Firehose "firehose" pubsub,
    /// A DynamoDB stream.
    DynamoDb "dynamodb" datasource,
    /// A notification of an S3 bucket.
    S3 "s3" datasource,
    /// The message by which S3 tests a new notification.
    S3Test "s3-test" datasource,
    /// A topic of Amazon MSK.
    Msk "msk" pubsub,
    /// A topic of a Kafka cluster that AWS does not run.
    SelfManagedKafka "self-managed-kafka" pubsub,
    /// A RabbitMQ queue of Amazon MQ.
    RabbitMq "rabbitmq" pubsub,
    /// An ActiveMQ queue of Amazon MQ.
    ActiveMq "activemq" pubsub,
    /// The change stream of a DocumentDB cluster.
    DocumentDb "documentdb" datasource,
    /// A REST API of API Gateway.
    ApiGatewayV1 "api-gateway-v1" http,
    /// An HTTP API of API Gateway.
    ApiGatewayV2 "api-gateway-v2" http,
    /// A WebSocket API of API Gateway.
    WebSocket "websocket" http,
    /// A Function URL.
    FunctionUrl "function-url" http,
    /// An application load balancer.
    Alb "alb" http,
    /// A VPC Lattice service.
    VpcLattice "vpc-lattice" http,
    /// A Lambda resolver of AppSync.
    AppSync "appsync" http,
    /// A Lambda authorizer of API Gateway or AppSync.
    Authorizer "authorizer" other,
    /// The result of another function, delivered to a destination.
    Destination "lambda-destination" pubsub,
    /// A durable function: the first run or a later one.
    DurableFunction "durable-function" other,
    /// A state machine that hands its context object on.
    StepFunctions "step-functions" other,
    /// A Cognito user pool, or Cognito Sync.
    Cognito "cognito" other,
    /// An IoT button or authorizer. What a rule selects is a payload like any other.
    Iot "iot" other,
    /// A subscription to a log group; the data is compressed and holds no carrier.
    CloudWatchLogs "cloudwatch-logs" other,
    /// An alarm of CloudWatch.
    CloudWatchAlarm "cloudwatch-alarm" other,
    /// An e-mail that SES received.
    Ses "ses" other,
    /// A repository of CodeCommit.
    CodeCommit "codecommit" other,
    /// A hook of a CodeDeploy deployment.
    CodeDeploy "codedeploy" other,
    /// An action in a CodePipeline.
    CodePipeline "codepipeline" other,
    /// A custom resource of CloudFormation.
    CloudFormation "cloudformation" other,
    /// A rule of AWS Config.
    Config "config" other,
    /// A contact flow of Connect.
    Connect "connect" other,
    /// A Lex bot.
    Lex "lex" other,
    /// An agent of Bedrock.
    BedrockAgent "bedrock-agent" other,
    /// A connection handler of Client VPN.
    ClientVpn "client-vpn" other,
    /// A job of S3 Batch Operations.
    S3Batch "s3-batch" datasource,
    /// An object that S3 Object Lambda transforms.
    S3ObjectLambda "s3-object-lambda" datasource,
    /// The rotation of a secret.
    SecretsManager "secrets-manager" other,
    /// A direct invoke, or an event source that is not known here.
    Other "other" other,
}

// ===== impl Trigger =====

impl Trigger {
    /// Whether the handler answers an HTTP request.
    ///
    /// ```
    /// use baton_propagators::event::Trigger;
    ///
    /// assert!(Trigger::Alb.is_http() && !Trigger::Sqs.is_http());
    /// ```
    #[must_use]
    pub const fn is_http(self) -> bool {
        matches!(
            self,
            Self::ApiGatewayV1
                | Self::ApiGatewayV2
                | Self::FunctionUrl
                | Self::Alb
                | Self::VpcLattice
        )
    }

    /// Whether its records are read by many, and again and again: a context in one is a hint, not a cause.
    ///
    /// ```
    /// use baton_propagators::event::Trigger;
    ///
    /// assert!(Trigger::Kinesis.is_stream() && !Trigger::Sqs.is_stream());
    /// ```
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(
            self,
            Self::Kinesis
                | Self::Firehose
                | Self::DynamoDb
                | Self::Msk
                | Self::SelfManagedKafka
                | Self::DocumentDb
        )
    }

    /// `messaging.system`, where the messages have one.
    ///
    /// ```
    /// use baton_propagators::event::Trigger;
    ///
    /// assert_eq!((Trigger::Msk.messaging_system(), Trigger::Alb.messaging_system()), (Some("kafka"), None));
    /// ```
    #[must_use]
    pub const fn messaging_system(self) -> Option<&'static str> {
        Some(match self {
            Self::Sqs => crate::attribute::AWS_SQS,
            Self::Sns => crate::attribute::AWS_SNS,
            Self::EventBridge => crate::attribute::AWS_EVENTBRIDGE,
            Self::Kinesis => crate::attribute::AWS_KINESIS,
            Self::Firehose => crate::attribute::AWS_FIREHOSE,
            Self::Msk | Self::SelfManagedKafka => "kafka",
            Self::RabbitMq => "rabbitmq",
            Self::ActiveMq => "activemq",
            Self::Destination => "aws.lambda",
            _ => return None,
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
