//! The state machine alone: who may do what, and when.

use expect_test::expect;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Answer, Delivery, Extension, ExtensionState, Fault, Invocation, Lifecycle, ResponseRefused,
    RuntimeState,
};
use crate::invocation::InvokeRequest;

fn delivery() -> Delivery {
    Delivery {
        request_id: Uuid::new_v4(),
        invocation_id: Uuid::new_v4(),
        deadline_ms: 0,
        arn: String::new(),
        trace_header: String::new(),
        request: InvokeRequest::default(),
        sink: None,
    }
}

fn answer() -> Answer {
    let now = (Instant::now(), std::time::SystemTime::now());
    Answer {
        payload: bytes::Bytes::new(),
        produced_bytes: 0,
        content_type: None,
        error_type: None,
        began: now,
        ended: now,
    }
}

/// A runtime that has taken an event.
fn running() -> (Lifecycle, Delivery) {
    let mut state = Lifecycle::new();
    let delivery = delivery();
    state.runtime_ready().unwrap();
    state.begin(Invocation::new(delivery.clone()));
    assert!(state.take_delivery().is_some());
    (state, delivery)
}

#[test]
fn an_event_is_handed_out_again_until_it_is_answered() {
    let (mut state, delivery) = running();
    assert_eq!(state.runtime_ready(), Ok(()));
    assert_eq!(
        state.take_delivery().map(|again| again.request_id),
        Some(delivery.request_id)
    );
    let id = delivery.request_id.to_string();
    state
        .begin_answer(&id, None, RuntimeState::InvocationResponse)
        .unwrap();
    assert_eq!(
        state.runtime_ready(),
        Err(RuntimeState::InvocationResponse),
        "an answer is on its way"
    );
    assert!(state.finish_answer(delivery.request_id, answer()));
    assert_eq!(state.runtime_ready(), Ok(()));
    assert!(
        state.take_delivery().is_none(),
        "an answered event is not handed out"
    );
}

#[test]
fn answers_are_checked_before_they_are_read() {
    let (other, right) = (Uuid::new_v4().to_string(), |id: Uuid| id.to_string());
    let check = |prepare: fn(&mut Lifecycle), right_id: bool, echo: Option<bool>| {
        let (mut state, delivery) = running();
        prepare(&mut state);
        let id = if right_id {
            right(delivery.request_id)
        } else {
            other.clone()
        };
        let echo = echo.map(|fits| {
            if fits {
                right(delivery.invocation_id)
            } else {
                "garbage".to_owned()
            }
        });
        state.begin_answer(&id, echo.as_deref(), RuntimeState::InvocationResponse)
    };
    let time_out = |state: &mut Lifecycle| state.invocation.as_mut().unwrap().timed_out = true;
    let answered = |state: &mut Lifecycle| {
        let id = state.invocation.as_ref().unwrap().delivery.request_id;
        state.finish_answer(id, answer());
    };
    let cases = [
        (check(|_| (), true, None), Ok(())),
        (check(|_| (), true, Some(true)), Ok(())),
        (
            check(|_| (), true, Some(false)),
            Err(ResponseRefused::TimedOut),
        ),
        (
            check(|_| (), false, None),
            Err(ResponseRefused::WrongRequestId),
        ),
        (
            check(|_| (), false, Some(true)),
            Err(ResponseRefused::WrongRequestId),
        ),
        (
            check(time_out, true, Some(true)),
            Err(ResponseRefused::TimedOut),
        ),
        (
            check(answered, true, None),
            Err(ResponseRefused::WrongRequestId),
        ),
    ];
    for (number, (found, expected)) in cases.into_iter().enumerate() {
        assert_eq!(found.map(drop), expected, "case {number}");
    }
}

#[test]
fn ten_extensions_and_each_name_once() {
    let mut state = Lifecycle::new();
    state.extensions.push(Extension::new("outside", true));
    let events = ["INVOKE".to_owned(), "SHUTDOWN".to_owned()];
    let mut said = Vec::new();
    let mut register =
        |state: &mut Lifecycle, name: &str, events: &[String]| match state.register(name, events) {
            Ok(_) => said.push(format!("{name}: ok")),
            Err(refused) => said.push(format!(
                "{name}: {} ({})",
                refused.error_type, refused.message
            )),
        };
    register(&mut state, "inside", &events);
    register(&mut state, "inside", &[]);
    register(&mut state, "inside", &[]);
    for number in 2..10 {
        state.register(&format!("e{number}"), &[]).unwrap();
    }
    register(&mut state, "eleventh", &[]);
    register(&mut state, "outside", &events);
    state.registration_open = false;
    register(&mut state, "late", &[]);
    expect![[r"
        inside: Extension.InvalidEventType (SHUTDOWN: ErrInvalidEventType)
        inside: ok
        inside: Extension.InvalidExtensionState (Extension with this name already registered)
        eleventh: Extension.TooManyExtensions (Extension limit (10) reached)
        outside: ok
        late: Extension.RegistrationClosed (Extension registration closed already)"]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn the_first_fault_counts_and_none_while_processes_are_ended() {
    let mut state = Lifecycle::new();
    state.fail(Fault::new("Runtime.OutOfMemory", "first"));
    state.runtime_exited(false, "signal: killed");
    assert_eq!(
        state.fault.as_ref().map(|fault| fault.error_type.as_str()),
        Some("Runtime.OutOfMemory")
    );

    let mut state = Lifecycle::new();
    state.extensions.push(Extension::new("outside", true));
    let id = state.extensions[0].id;
    state.stopping = true;
    state.runtime_exited(false, "signal: terminated");
    state.extension_exited(id, true, "exit status 0");
    assert_eq!(state.fault, None);
    assert_eq!(state.extensions[0].state, ExtensionState::Exited);
}
