//! Whose trace continues, who decides, and what the runtime is told.

use super::*;

#[test]
fn who_decides_about_sampling() {
    let unsampled = format!(
        r#"{{"_trace":{{"traceparent":"{}"}}}}"#,
        PARENT.replace("-01", "-00")
    );
    let sampled = format!(r#"{{"_trace":{{"traceparent":"{PARENT}"}}}}"#);
    let [zero, one] = ["0", "1"].map(|it| format!("{XRAY};Sampled={it}"));
    let w3c = Some("4bf92f3577b34da6a3ce929d0e0e4736");
    let xray = Some("5759e988bd862e3fe1be46a994272793");
    for (sampler, is_active, header, event, trace, is_sampled) in [
        ("", false, None, "{}", None, true),
        ("", false, Some(&zero), "{}", None, true),
        (
            "parentbased_always_off",
            false,
            Some(&zero),
            "{}",
            None,
            false,
        ),
        ("", false, Some(&one), "{}", xray, true),
        (
            "parentbased_always_off",
            false,
            Some(&one),
            "{}",
            xray,
            true,
        ),
        ("always_off", false, Some(&one), "{}", xray, false),
        ("", false, Some(&one), sampled.as_str(), w3c, true),
        ("", false, Some(&zero), sampled.as_str(), w3c, true),
        ("", false, Some(&one), unsampled.as_str(), w3c, false),
        ("always_on", false, None, unsampled.as_str(), w3c, true),
        // With active tracing `Sampled=0` is X-Ray's decision.
        ("", true, Some(&zero), "{}", xray, false),
        ("", true, Some(&zero), sampled.as_str(), w3c, true),
    ] {
        let case = format!("{sampler} {is_active} {header:?} {event}");
        let bed = Bed::new(&[("OTEL_TRACES_SAMPLER", sampler)]);
        if is_active {
            let start = r#"{"requestId":"r0","tracing":{"spanId":"24cd7d670fa455f0"}}"#;
            bed.records(&[("start", start)]);
        }
        check(
            &bed,
            &bed.begin("r1", header.map(String::as_str), event),
            trace,
            is_sampled,
            &case,
        );
    }
}

/// `trace` is whose trace it is; without one, a new one.
#[track_caller]
fn check(bed: &Bed, hand_on: &HandOn, trace: Option<&str>, is_sampled: bool, case: &str) {
    let made = hand_on.made.invocation().trace_id().to_string();
    match trace {
        Some(trace) => assert_eq!(made, trace, "{case}"),
        None => assert!(
            !made.starts_with("4bf9") && !made.starts_with("5759"),
            "{case}"
        ),
    }
    let header = hand_on.trace_header.as_ref().unwrap().to_str().unwrap();
    let decision = format!("Sampled={}", u8::from(is_sampled));
    assert!(header.ends_with(&decision), "{case}: {header}");
    bed.invocations.answered("r1", "{}".into(), false);
    let done = r#"{"requestId":"r1","status":"error","errorType":"Function.X"}"#;
    bed.records(&[("runtimeDone", done)]);
    assert_eq!(bed.spans().len(), usize::from(is_sampled), "{case}");
}

#[test]
fn the_header_that_is_handed_on() {
    for (given, rest) in [
        (None, ""),
        (
            Some(format!("{XRAY};Sampled=0;Lineage=a87bd80c:1|68fd508a:5")),
            ";Lineage=a87bd80c:1|68fd508a:5",
        ),
        (
            Some(format!("{XRAY};Sampled=0;Lineage=a87bd80c:1%7C68fd508a:5;")),
            ";Lineage=a87bd80c:1|68fd508a:5",
        ),
        (
            Some(format!("Self=1-2-3; {XRAY} ; Sampled=%3F ;New=x")),
            ";Self=1-2-3;New=x",
        ),
        (Some("garbage".to_owned()), ""),
        (Some(String::new()), ""),
    ] {
        let bed = Bed::new(&[]);
        let hand_on = bed.begin("r1", given.as_deref(), "{}");
        let (trace, span) = (
            hand_on.made.invocation().trace_id().to_string(),
            hand_on.made.invocation().span_id(),
        );
        let (time, random) = trace.split_at(8);
        let expected = format!("Root=1-{time}-{random};Parent={span};Sampled=1{rest}");
        assert_eq!(hand_on.trace_header.unwrap(), expected, "{given:?}");
    }
    let bed = Bed::new(&[("OTEL_PROPAGATORS", "none")]);
    assert!(bed.begin("r1", Some(XRAY), "{}").trace_header.is_none());
}
