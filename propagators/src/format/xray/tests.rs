use super::*;

#[track_caller]
fn check(header: &str, expected: Option<&str>) {
    let found = XRayHeader::parse(header)
        .context()
        .map(|context| context.traceparent().to_string());
    assert_eq!(found.as_deref(), expected, "{header}");
}

#[test]
fn headers() {
    let (root, parent) = (
        "Root=1-5759e988-bd862e3fe1be46a994272793",
        "Parent=53995c3f42cd8ad8",
    );
    let yes = Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");
    let no = Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00");

    check(&format!("{root};{parent};Sampled=1"), yes);
    check(
        &format!("{root};{parent};Sampled=1;Lineage=037bed70:0"),
        yes,
    );
    check(
        &format!("Self=1-64d38018-6a56d23a731e0cbe6ed85687; {root}; {parent}; Sampled=1"),
        yes,
    );
    check(&format!("{root};{parent};Sampled=0"), no);
    check(&format!("{root};{parent};Sampled=?"), no);
    check(&format!("{root};{parent}"), no);
}

#[test]
fn garbage_is_no_context() {
    let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
    check(root, None);
    check("Parent=53995c3f42cd8ad8;Sampled=1", None);
    check(&format!("{root};Parent=0000000000000000"), None);
    check(&format!("{root};Parent=53995C3F42CD8AD8"), None);
    check(&format!("{root};Parent=539"), None);
    check(
        "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8",
        None,
    );
    check(
        "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
        None,
    );
    check(
        "Root=1-5759e988bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
        None,
    );
    check(";;==;Root;Parent=", None);
    check("", None);
}
