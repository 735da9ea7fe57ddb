//! Of the W3C baggage repository (`test/test_baggage.py` at 9af80f4, 2025-06-18), under their own names; then those of
//! PyPI's `opentelemetry-api` 1.45.2 (`tests/propagators/test_w3cbaggagepropagator.py`) and `opentelemetry_sdk` 0.33.1
//! (`src/propagation/baggage.rs`).

use std::fmt::Write;

use super::{extracted, injected};
use crate::format::{Baggage, Outgoing};

/// `key=value[key, key=value]` of each member, decoded.
fn show(baggage: &Baggage<'_>) -> String {
    let mut text = String::new();
    for member in baggage.members() {
        write!(text, "{}={}", member.key(), member.value()).unwrap();
        for (key, value) in member.properties() {
            write!(text, "[{key}").unwrap();
            if let Some(value) = value {
                write!(text, "={value}").unwrap();
            }
            text.push(']');
        }
        text.push('\n');
    }
    text
}

#[track_caller]
fn check(list: &str, expected: &[&str], expected_left_out: u32) {
    let (baggage, left_out) = Baggage::parse(list);
    let expected: String = expected.iter().flat_map(|line| [line, "\n"]).collect();
    assert_eq!(
        (show(&baggage), left_out),
        (expected, expected_left_out),
        "{list:?}"
    );
    // What was read is handed on as it came.
    if left_out == 0 {
        assert_eq!(baggage.as_str(), list.trim_matches([' ', '\t']));
    }
}

macro_rules! w3c {
    ($($name:ident: $list:expr => $($member:literal),+;)+) => {
        $(#[test] fn $name() { check($list, &[$($member),+], 0); })+
    };
}

// ===== BaggageTest, BaggageEntryTest =====

#[test]
fn test_ctor_default() {
    assert!(Baggage::default().is_empty());
}

const ENCODED: &str = "%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29";
const DECODED: &str = "\t \"';=asdf!@#$%^&*()";

w3c! {
    test_parse_simple: "SomeKey=SomeValue" => "SomeKey=SomeValue";
    test_parse_multiple: "SomeKey=SomeValue;SomeProp,SomeKey2=SomeValue2;ValueProp=PropVal"
        => "SomeKey=SomeValue[SomeProp]", "SomeKey2=SomeValue2[ValueProp=PropVal]";
    test_parse_multiple_ows:
        "SomeKey \t = \t SomeValue \t ; \t SomeProp \t , \t SomeKey2 \t = \t SomeValue2 \t ; \t ValueProp \t = \t PropVal"
        => "SomeKey=SomeValue[SomeProp]", "SomeKey2=SomeValue2[ValueProp=PropVal]";
    test_parse_multiple_kv_property:
        "SomeKey=SomeValue;SomePropKey=SomePropValue,SomeKey2=SomeValue2;SomePropKey2=SomePropValue2"
        => "SomeKey=SomeValue[SomePropKey=SomePropValue]", "SomeKey2=SomeValue2[SomePropKey2=SomePropValue2]";
    test_parse_multiple_kv_property_ows:
        "SomeKey \t = \t SomeValue \t ; \t SomePropKey=SomePropValue \t , \t SomeKey2 \t = \t SomeValue2 \t ; \t SomePropKey2 \t = \t SomePropValue2"
        => "SomeKey=SomeValue[SomePropKey=SomePropValue]", "SomeKey2=SomeValue2[SomePropKey2=SomePropValue2]";
    test_parse_multiple_equals: "SomeKey=SomeValue=equals" => "SomeKey=SomeValue=equals";
    test_parse_property: "SomeKey=SomeValue;SomeProp" => "SomeKey=SomeValue[SomeProp]";
    test_parse_multi_property: "SomeKey=SomeValue;SomeProp;SecondProp=PropValue"
        => "SomeKey=SomeValue[SomeProp][SecondProp=PropValue]";
    test_parse_multiple_properties_same_name: "SomeKey=SomeValue;SomeProp;SomeProp=PropValue;SomeProp=AnotherPropValue"
        => "SomeKey=SomeValue[SomeProp][SomeProp=PropValue][SomeProp=AnotherPropValue]";
    test_parse_kv_property: "SomeKey=SomeValue;SomePropKey=SomePropValue" => "SomeKey=SomeValue[SomePropKey=SomePropValue]";
    test_parse_simple_ows: "SomeKey \t = \t SomeValue \t " => "SomeKey=SomeValue";
    test_parse_property_ows: "SomeKey \t = \t SomeValue \t ; \t SomeProp" => "SomeKey=SomeValue[SomeProp]";
    test_parse_multi_property_ows: "SomeKey \t = \t SomeValue \t ; \t SomeProp \t ; \t SecondProp \t = \t PropValue"
        => "SomeKey=SomeValue[SomeProp][SecondProp=PropValue]";
    test_parse_kv_property_ows: "SomeKey \t = \t SomeValue \t ; \t SomePropKey \t = \t SomePropValue"
        => "SomeKey=SomeValue[SomePropKey=SomePropValue]";
    test_parse_property_without_value_no_percent_decoding: "SomeKey=SomeValue;ValueProp%20%09%20%3D%20%09%20PropVal"
        => "SomeKey=SomeValue[ValueProp%20%09%20%3D%20%09%20PropVal]";
}

#[test]
fn test_parse_percent_encoded() {
    check(
        &format!("SomeKey={ENCODED}"),
        &[&format!("SomeKey={DECODED}")],
        0,
    );
    // And written again: only what has to be is encoded.
    let mut baggage = Baggage::EMPTY;
    assert!(baggage.insert("SomeKey", DECODED));
    assert_eq!(baggage.as_str(), "SomeKey=%09%20%22'%3B=asdf!@#$%25^&*()");
    assert_eq!(baggage.get("SomeKey").as_deref(), Some(DECODED));
}

#[test]
fn test_parse_percent_encoded_ows() {
    check(
        &format!("SomeKey \t = \t {ENCODED} \t "),
        &[&format!("SomeKey={DECODED}")],
        0,
    );
}

#[test]
fn test_parse_percent_encoded_property() {
    let member = format!("SomeKey=SomeValue[SomePropKey={DECODED}]");
    check(
        &format!("SomeKey=SomeValue;SomePropKey={ENCODED}"),
        &[&member],
        0,
    );
}

// ===== LimitsTest =====

#[test]
fn test_serialize_at_least_64() {
    let list = |count: usize| {
        (0..count)
            .map(|n| format!("key{n}=value"))
            .collect::<Vec<_>>()
            .join(",")
    };
    assert_eq!(Baggage::parse(&list(64)), (Baggage::parse(&list(64)).0, 0));
    assert_eq!(Baggage::parse(&list(64)).0.members().count(), 64);
    let too_many = list(70);
    let (baggage, left_out) = Baggage::parse(&too_many);
    assert_eq!((baggage.as_str(), left_out), (list(64).as_str(), 6));
}

#[test]
fn test_serialize_long_entry() {
    let entry = format!("a={}", "0123456789".repeat(819));
    assert_eq!(
        (entry.len(), Baggage::parse(&entry)),
        (8192, (Baggage::parse(&entry).0, 0))
    );
    assert_eq!(Baggage::parse(&entry).0.as_str(), entry);
    // One byte more: it goes as a whole, and the next one stays.
    let longer = format!("{entry}0,b=1");
    let (baggage, left_out) = Baggage::parse(&longer);
    assert_eq!((baggage.as_str(), left_out), ("b=1", 1));
}

/// Theirs serializes 512 entries in 8192 bytes; nobody has to hand on more than 64.
#[test]
fn test_serialize_many_entries() {
    let list = (0..512)
        .map(|n| format!("{n:03}=0123456789a"))
        .collect::<Vec<_>>()
        .join(",");
    let (baggage, left_out) = Baggage::parse(&list);
    assert_eq!((baggage.members().count(), left_out), (64, 448));
}

// ===== OpenTelemetry's =====

#[test]
fn python_w3c_baggage_propagator() {
    // test_valid_header, test_valid_header_with_whitespace, test_valid_header_with_properties
    check("key1=val1,key2=val2", &["key1=val1", "key2=val2"], 0);
    check(
        "key1 =   val1,  key2 =val2   ",
        &["key1=val1", "key2=val2"],
        0,
    );
    check("some_name = some_value", &["some_name=some_value"], 0);
    check("key1\t=\tval1", &["key1=val1"], 0);
    check(
        "key1 = val1 ; prop1 = 1 ; prop2 ;prop3= 2",
        &["key1=val1[prop1=1][prop2][prop3=2]"],
        0,
    );
    check(
        "key1=val1,key2=val2;prop=1;prop2;prop3=2",
        &["key1=val1", "key2=val2[prop=1][prop2][prop3=2]"],
        0,
    );
    // test_invalid_header_with_inner_whitespace, test_invalid_header, test_header_with_invalid_value
    for bad in [
        "key 1=val1",
        "key1=val 1",
        "key1=val1;pr op=1",
        " = ",
        "header1",
    ] {
        check(bad, &[], 1);
    }
    check("key1=val1,key2=val2,a,val3", &["key1=val1", "key2=val2"], 2);
    // test_valid_header_with_url_escaped_values, test_valid_header_with_empty_value, test_empty_context_header
    check(
        "key1=val1,key2=val2%3Aval3,key3=val4%40%23%24val5",
        &["key1=val1", "key2=val2:val3", "key3=val4@#$val5"],
        0,
    );
    check("key1=,key2=val2", &["key1=", "key2=val2"], 0);
    check("", &[], 0);
    // test_extract_unquote_plus: theirs also decodes keys, which the specification does not
    check("keykey=value%5Evalue", &["keykey=value^value"], 0);
    check("key%23key=value%23value", &["key%23key=value#value"], 0);
    // test_extract_non_ascii_header, test_header_too_long, test_header_contains_pair_too_long
    check("key1=val1,key2=testé", &["key1=val1"], 1);
    let long = "s".repeat(8193);
    check(&format!("key1={long}"), &[], 1);
    check(
        &format!("key1=value1,key2={long},key3=value3"),
        &["key1=value1", "key3=value3"],
        1,
    );
}

#[test]
fn rust_baggage_propagator() {
    check(
        "key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue",
        &[
            "key1=value1[property1][property2]",
            "key2=value2",
            "key3=value3[propertyKey=propertyValue]",
        ],
        0,
    );
    let mut baggage = Baggage::EMPTY;
    assert!(baggage.insert("key1", "val1,val2") && baggage.insert("key2", "val3=4"));
    assert!(baggage.insert_with_properties("key3", "val3", "anykey=anyvalue"));
    // Theirs encodes `=`, which a value may hold.
    assert_eq!(
        baggage.as_str(),
        "key1=val1%2Cval2,key2=val3=4,key3=val3;anykey=anyvalue"
    );
}

#[test]
fn what_the_specification_says_and_nobody_tests() {
    // Octets that are no UTF-8.
    check("a=%ff%41%", &["a=\u{fffd}A%"], 0);
    // Several headers are one list, with limits of their sum.
    let found = extracted(
        "baggage",
        &[("baggage", "a=1"), ("Baggage", "b=2;p"), ("BAGGAGE", "")],
    );
    assert_eq!(found.baggage.as_str(), "a=1,b=2;p");
    let half = "x".repeat(5000);
    let found = extracted(
        "baggage",
        &[
            ("baggage", &format!("a={half}")),
            ("baggage", &format!("b={half},c=1")),
        ],
    );
    assert_eq!((found.baggage.members().count(), found.invalid), (2, 1));
    // Duplicates keep their order; the last one counts.
    let (baggage, _) = Baggage::parse("a=1,b=2,a=3");
    assert_eq!(
        (baggage.as_str(), baggage.get("a").as_deref()),
        ("a=1,b=2,a=3", Some("3"))
    );
    // Empty members are none.
    check(",a=1,,", &["a=1"], 0);
    check("a=1;", &[], 1);
    check("=1", &[], 1);
}

#[test]
fn a_member_that_does_not_fit_changes_nothing() {
    let (mut baggage, _) = Baggage::parse("a=1,b=2");
    assert!(!baggage.insert("a", &"x".repeat(8192)));
    assert!(!baggage.insert("a b", "1"));
    assert!(!baggage.insert_with_properties("a", "1", "x y"));
    assert_eq!(baggage.as_str(), "a=1,b=2");
    assert!(baggage.insert("a", "3"));
    assert_eq!(baggage.as_str(), "b=2,a=3");
}

#[test]
fn a_header_of_a_megabyte_is_looked_at_once() {
    let commas = ",".repeat(1 << 20);
    assert_eq!(Baggage::parse(&commas), (Baggage::EMPTY, 1));
    let pairs = "a,".repeat(1 << 19);
    assert_eq!(Baggage::parse(&pairs), (Baggage::EMPTY, 1025));
}

#[test]
fn nothing_is_written_for_nothing() {
    assert_eq!(
        injected(
            "baggage",
            &Outgoing::default().with_baggage(&Baggage::EMPTY)
        ),
        []
    );
}
