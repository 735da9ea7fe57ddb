//! Functions in three languages with the layer: the spans that come of them, and answers that are the same bytes without it.
//!
//! One row a test. The trees lie in `layer_matrix/LANGUAGE/CASE.txt`; `UPDATE_EXPECT=1` writes them anew.

pub(crate) mod cases;

use expect_test::expect_file;
use local_lambda::{
    Config, EnvironmentState, Function, FunctionConfig, InvokeRequest, LocalLambda, StreamPart,
};

use crate::harness::collector::Collector;
use crate::harness::deadline::eventually;
use crate::harness::layer::{Language, Layer};
use crate::harness::span_tree::{EVERYTHING, TRACEPARENTS, masked, render};
use cases::Case;

/// A test for each case of a language.
macro_rules! rows {
    ($language:ident, $attributes:tt, $($case:ident)*) => {
        $(row!($language, $attributes, $case);)*
    };
}

macro_rules! row {
    ($language:ident, [$($attribute:tt)*], $case:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        $($attribute)*
        async fn $case() {
            let layer = crate::harness::layer::Layer::new();
            let language = crate::harness::layer::Language::$language;
            super::run(&layer, language, &super::cases::$case()).await;
        }
    };
}

/// `awslambdaric` cannot stream.
mod python {
    rows!(Python, [], http sqs_batch sns eventbridge cold_and_warm snap_start managed_instances error timeout out_of_memory exit init_failure);
}

mod rust {
    rows!(Rust, [], http sqs_batch sns eventbridge cold_and_warm snap_start error timeout out_of_memory exit init_failure stream);
}

mod node {
    rows!(Node, [#[ignore = "needs the Node runtime client: cargo xtask test --all"]],
        http sqs_batch sns eventbridge cold_and_warm snap_start error timeout out_of_memory exit init_failure stream);
}

/// What a caller reads.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    payload: String,
    content_type: Option<String>,
    error: Option<String>,
}

/// Calls the function with and without the layer.
pub(crate) async fn run(layer: &Layer, language: Language, case: &Case) {
    let collector = Collector::start().await;
    let mut without = language.function("layered");
    without.env.insert("DO".to_owned(), case.act.to_owned());
    (case.change)(&mut without);
    let mut with = without.clone();
    layer.wrap(language, &mut with, &collector);

    let with = answers(with, case).await;
    let without = answers(without, case).await;
    assert_eq!(with, without, "the layer changes what callers read");
    let mut shown: String = without.iter().map(Answer::shown).collect();
    let tree = render(&collector.received(), &case.known());
    shown.push_str(&if case.words_vary {
        wordless(&tree)
    } else {
        tree
    });
    let path = format!("layer_matrix/{}/{}.txt", language.name(), case.name);
    expect_file![path].assert_eq(&shown);
}

/// A tree without the texts and types of errors.
fn wordless(tree: &str) -> String {
    let line = |line: &str| match (line.find(" ERROR \""), line.rfind('"')) {
        (Some(start), Some(end)) => {
            let (start, end) = (&line[..start], &line[end + 1..]);
            format!("{start} ERROR{end}\n")
        }
        _ => match line.split_once("error.type = ") {
            Some((indent, _)) => format!("{indent}error.type = …\n"),
            None => format!("{line}\n"),
        },
    };
    tree.lines().map(line).collect()
}

/// Calls a function as often as the case says, in one environment.
async fn answers(config: FunctionConfig, case: &Case) -> Vec<Answer> {
    let lambda = LocalLambda::start(Config::new([config])).await.unwrap();
    let function = lambda.function("f").unwrap();
    if case.at_once {
        let (first, second) = tokio::join!(answer(&function, case), answer(&function, case));
        lambda.shutdown().await;
        return vec![first, second];
    }
    let mut answers = Vec::new();
    for _ in 0..case.calls {
        answers.push(answer(&function, case).await);
        eventually("the environment to come to rest", || async {
            let environments = function.environments();
            let rests = |state| matches!(state, EnvironmentState::Frozen | EnvironmentState::Reset);
            environments.iter().all(|it| rests(it.state)).then_some(())
        })
        .await;
    }
    lambda.shutdown().await;
    answers
}

// === impl Answer ===

impl Answer {
    /// What of it goes into the snapshot: the whole may be a megabyte.
    fn shown(&self) -> String {
        match &self.error {
            Some(error) => format!("answer: {error}\n"),
            None => format!("answer: {} bytes\n", self.payload.len()),
        }
    }
}

async fn answer(function: &Function, case: &Case) -> Answer {
    let request = InvokeRequest {
        trace_header: case.trace_header.map(str::to_owned),
        ..InvokeRequest::new(case.event.to_string())
    };
    let mut parts = function.invoke_streaming(request).await.unwrap();
    let (mut payload, mut content_type) = (Vec::new(), None);
    loop {
        match parts.next().await.expect("an answer has an end").unwrap() {
            StreamPart::Started { content_type: of } => content_type = of,
            StreamPart::Chunk(chunk) => payload.extend_from_slice(&chunk),
            StreamPart::Complete(output) => {
                payload.extend_from_slice(&output.payload);
                // The bodies of errors name the request.
                let shapes = match output.function_error {
                    Some(_) => EVERYTHING,
                    None => TRACEPARENTS,
                };
                return Answer {
                    payload: masked(std::str::from_utf8(&payload).unwrap(), shapes),
                    content_type: content_type.or(output.content_type),
                    error: output.function_error.map(|error| error.error_type),
                };
            }
        }
    }
}
