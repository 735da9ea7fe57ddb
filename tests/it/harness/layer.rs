//! The layer as it lies below `/opt`, and functions that run with and without it.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use local_lambda::FunctionConfig;
use tempfile::TempDir;
use zip::ZipArchive;

use super::binaries::binary;
use super::collector::Collector;
use super::interpreters::{functions, node_client, python, workspace};

/// An unpacked layer; it goes with this value.
#[derive(Debug)]
pub(crate) struct Layer {
    folder: TempDir,
}

/// The language of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
    Rust,
}

// === impl Layer ===

impl Layer {
    /// The layer of this build.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let extensions = folder.path().join("extensions");
        fs::create_dir(&extensions).unwrap();
        program(&binary("baton-layer"), &extensions.join("baton-layer"));
        let wrapper = workspace().join("lambda-layer/wrapper/baton");
        program(&wrapper, &folder.path().join("baton"));
        Self { folder }
    }

    /// The layer of `cargo xtask package layer`, unpacked as Lambda unpacks it.
    pub(crate) fn packaged() -> Self {
        let folder = TempDir::new().unwrap();
        package().extract(folder.path()).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts the layer beside a function, and leads its spans to the collector.
    pub(crate) fn wrap(
        &self,
        language: Language,
        function: &mut FunctionConfig,
        collector: &Collector,
    ) {
        function.opt = Some(self.path().to_owned());
        let set = [
            ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/baton"),
            ("BATON_EXPORT", collector.endpoint()),
        ];
        function
            .env
            .extend(set.map(|(name, value)| (name.to_owned(), value.to_owned())));
        if language == Language::Rust {
            // OS-only runtimes know no exec wrapper: their bootstrap names it itself (docs/layer.md).
            function.env.remove("AWS_LAMBDA_EXEC_WRAPPER");
            let wrapper = self.path().join("baton").display().to_string();
            let program = function.command.join(" ");
            let script = format!(
                "#!/bin/sh\n[ -x {wrapper} ] && exec {wrapper} {program}; exec {program}\n"
            );
            let bootstrap = self.path().join("bootstrap");
            fs::write(&bootstrap, script).unwrap();
            fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
            function.command = vec![bootstrap.display().to_string()];
        }
    }
}

// === impl Language ===

impl Language {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
            Self::Rust => "rust",
        }
    }

    /// A function named `f` that runs the handler `module.handler` of `functions/`; a Rust function is the program `module-function`.
    pub(crate) fn function(self, module: &str) -> FunctionConfig {
        let handler = format!("{module}.handler");
        let text = |path: PathBuf| path.display().to_string();
        let command = match self {
            Self::Python => vec![
                text(python()),
                "-m".to_owned(),
                "awslambdaric".to_owned(),
                handler.clone(),
            ],
            Self::Node => vec![text(node_client()), handler.clone()],
            Self::Rust => vec![text(binary(&format!("{module}-function")))],
        };
        let mut function = FunctionConfig::new("f", command);
        function.handler = handler;
        function.task_root = Some(functions());
        function
            .env
            .insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        // A loaded machine starts slowly, and a second init would be a second start.
        function.init_timeout = std::time::Duration::from_secs(60);
        function
    }
}

/// What `cargo xtask package layer` made for this machine.
#[track_caller]
pub(crate) fn package() -> ZipArchive<File> {
    let arch = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    let path = workspace().join(format!("target/package/baton-layer-{arch}.zip"));
    let file = File::open(&path).unwrap_or_else(|error| {
        panic!(
            "`{}`: {error}; run `cargo xtask package layer`",
            path.display()
        )
    });
    ZipArchive::new(file).unwrap()
}

/// A copy that another user may read, made by another process: a file that this one wrote could not be started while a process
/// that another test forks meanwhile holds it open.
pub(crate) fn program(from: &Path, to: &Path) {
    let copied = Command::new("install")
        .args(["-m", "755"])
        .args([from, to])
        .status();
    assert!(copied.unwrap().success(), "`{}`", to.display());
}
