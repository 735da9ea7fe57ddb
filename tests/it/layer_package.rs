//! The layer's package as Lambda unpacks it: what is in it, that it needs nothing of the system, and that it works.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use local_lambda::{Config, InvokeRequest, LocalLambda};

use crate::harness::collector::Collector;
use crate::harness::layer::{Language, Layer, package};
use crate::harness::name_server::NameServer;
use crate::layer_matrix::{self, cases};

#[test]
#[ignore = "needs the package: cargo xtask test --all"]
fn the_package_is_as_lambda_wants_it() {
    let mut archive = package();
    let shown: Vec<String> = (0..archive.len())
        .map(|index| {
            let file = archive.by_index(index).unwrap();
            let mode = file.unix_mode().unwrap();
            let time = file.last_modified().unwrap();
            format!("{mode:o} {time} {}", file.name())
        })
        .collect();
    let expected = [
        "100755 1980-01-01 00:00:00 extensions/baton-layer",
        "100755 1980-01-01 00:00:00 baton",
    ];
    assert_eq!(shown, expected);
}

/// So it runs beside every runtime, on Amazon Linux 2 too.
#[test]
#[ignore = "needs the package: cargo xtask test --all"]
fn the_extension_needs_no_shared_library() {
    let layer = Layer::packaged();
    let read = Command::new("readelf")
        .args(["--wide", "--program-headers", "--dynamic"])
        .arg(layer.path().join("extensions/baton-layer"))
        .output()
        .unwrap();
    let read = String::from_utf8(read.stdout).unwrap();
    assert!(read.contains("LOAD"), "{read}");
    assert!(!read.contains("INTERP"), "it asks for a loader:\n{read}");
    assert!(!read.contains("NEEDED"), "it asks for libraries:\n{read}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the package: cargo xtask test --all"]
async fn the_unpacked_package_traces_a_function() {
    layer_matrix::run(&Layer::packaged(), Language::Python, &cases::http()).await;
}

/// A static C library may ask the system's own for help with names; here the system has nothing that could help.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the package: cargo xtask test --all"]
async fn names_are_resolved_where_there_is_no_library_at_all() {
    let (layer, collector) = (Layer::packaged(), Collector::start().await);
    let names = NameServer::start().await;
    let root = layer.path().join("root");
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::create_dir_all(root.join("tmp")).unwrap();
    let resolver = format!("nameserver {}\n", names.address());
    fs::write(root.join("etc/resolv.conf"), resolver).unwrap();
    // As Amazon Linux 2 has it.
    fs::write(
        root.join("etc/nsswitch.conf"),
        "hosts: files dns myhostname\n",
    )
    .unwrap();
    let extension = layer.path().join("extensions/baton-layer");
    fs::rename(&extension, root.join("baton-layer")).unwrap();
    let script = format!(
        "#!/bin/sh\nexec unshare --map-root-user --root='{}' /baton-layer \"$@\"\n",
        root.display()
    );
    fs::write(&extension, script).unwrap();
    fs::set_permissions(&extension, fs::Permissions::from_mode(0o755)).unwrap();

    let mut function = Language::Python.function("layered");
    function.env.insert("DO".to_owned(), "answer".to_owned());
    layer.wrap(Language::Python, &mut function, &collector);
    let port = collector.endpoint().rsplit(':').next().unwrap();
    let export = format!("http://spans.example.test:{port}");
    function.env.insert("BATON_EXPORT".to_owned(), export);
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let output = lambda.function("f").unwrap();
    let output = output.invoke(InvokeRequest::new("{}")).await.unwrap();
    assert_eq!(output.function_error, None, "{}", output.log_tail);
    lambda.shutdown().await;
    assert!(
        names.asked().contains(&"spans.example.test".to_owned()),
        "{:?}",
        names.asked()
    );
    assert!(!collector.spans().is_empty());
}
