//! Where the program is, and the folder `cacerts` in its target directory, which is ours. It may use
//! `args`, `cargo` and `failure`.

use crate::args::{Words, absolute};
use crate::cargo::{Cargo, ROOT, Refused, TRUST};
use crate::failure::{Failure, message};
use crate::shown;
use rustix::fs::{FlockOperation, flock};
use serde_json::Value;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{env, io};

/// A program's workspace.
pub(crate) struct Workspace {
    /// As it was asked for; cargo looks for one where there is none.
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) root: PathBuf,
    /// The program's own, there or not.
    pub(crate) lock_file: PathBuf,
    pub(crate) target: PathBuf,
    /// What cargo says of the members.
    pub(crate) packages: Vec<Value>,
    /// What it has to be told, as TOML, so that what it starts gets the variables of its caller.
    pub(crate) variables: String,
    /// What its caller has set of [`TRUST`].
    pub(crate) trust: [Option<OsString>; 2],
}

impl Workspace {
    pub(crate) fn find(
        cargo: &Cargo,
        words: &Words,
        manifest: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let ask = |variables: &[String]| {
            let mut options = words.resolving();
            options.push("--no-deps".into());
            options.extend(variables.iter().flat_map(|v| ["--config".into(), v.into()]));
            cargo.metadata(manifest.as_deref(), &options)
        };
        // cargo exports what it has found for itself, unless it is told something. Where the
        // program's configuration tells it something in the shorter form, the longer is an error.
        let trust = cargo.callers_trust();
        let mut variables = settings_of(&trust, true);
        let answer = match ask(&variables) {
            Err(Refused::ByCargo(_, error)) if error.contains("failed to merge key `SSL_CERT_") => {
                variables = settings_of(&trust, false);
                ask(&variables)
            }
            other => other,
        };
        let answer = answer.map_err(Refused::shown)?;
        let path = |name: &str| answer[name].as_str().map(PathBuf::from);
        let (Some(root), Some(target)) = (path("workspace_root"), path("target_directory")) else {
            return Err(Failure::usage("cargo metadata does not say where the workspace is"));
        };
        let packages = answer["packages"].as_array().cloned().unwrap_or_default();
        let target = words.target_dir().unwrap_or(target);
        let variables = variables.into_iter().map(|v| format!("{v}\n"));
        let variables = variables.collect();
        let lock_file = root.join("Cargo.lock");
        Ok(Self { manifest, root, lock_file, target, packages, variables, trust })
    }
}

/// What the caller has set of the variables that name a store, as configuration; those that are not
/// set are empty, which counts as not set. The shorter form gives way to a variable that is set,
/// which cargo itself changes where it names no file.
fn settings_of(trust: &[Option<OsString>; 2], longer: bool) -> Vec<String> {
    let mut settings = Vec::new();
    for (name, value) in TRUST.iter().zip(trust) {
        let value = value.as_ref().and_then(|value| value.to_str()).unwrap_or_default();
        let value = toml_edit::Value::from(value);
        if longer {
            settings.push(format!("env.{name}.value = {value}"));
            settings.push(format!("env.{name}.force = true"));
        } else {
            settings.push(format!("env.{name} = {value}"));
        }
    }
    settings
}

/// `TARGET/cacerts`, for one run at a time, as long as this is there.
pub(crate) struct Place {
    pub(crate) directory: PathBuf,
    /// The folder itself is locked, and the workspace's, whose Cargo.lock is changed meanwhile.
    _locked: [File; 2],
}

impl Place {
    pub(crate) fn open(workspace: &Workspace) -> Result<Self, Failure> {
        if env::var_os(ROOT).is_some_and(|root| is_same(&workspace.root, Path::new(&root))) {
            return Err(Failure::usage(
                "cargo cacerts runs inside of itself, for the same program: run cargo there, which \
                 uses the drop-ins already",
            ));
        }
        let directory = absolute(workspace.target.join("cacerts").into());
        let directory = fs::create_dir_all(&directory)
            .and_then(|()| directory.canonicalize())
            .map_err(|e| {
                let why =
                    format!("{e}; set CARGO_TARGET_DIR to a directory that can be written to");
                Failure::file(&directory, "cannot be made", why)
            })?;
        // As cargo marks what backups need not have; it does so only where it is the first.
        let tag = workspace.target.join("CACHEDIR.TAG");
        if !tag.exists() {
            let text = "Signature: 8a477f597d28d172789f06886806bc55\n";
            fs::write(&tag, text).map_err(|e| Failure::file(&tag, "cannot be written", e))?;
        }
        let locked = [lock(&workspace.root)?, lock(&directory)?];
        Ok(Self { directory, _locked: locked })
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.directory.join("config.toml")
    }

    /// Where a `cargo` is that is this command.
    pub(crate) fn shim(&self) -> PathBuf {
        self.directory.join("bin")
    }
}

/// Whether two paths, which may have links in them, are of one folder.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|o| o == one))
}

/// Locks a folder, and waits for whoever has it.
fn lock(directory: &Path) -> Result<File, Failure> {
    let failed = |e: io::Error| Failure::file(directory, "cannot be locked against other runs", e);
    let file = File::open(directory).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::WOULDBLOCK) => {
            message(format_args!("waiting for another run in {}", shown::path(directory)));
        }
        other => return other.map(|()| file).map_err(|e| failed(e.into())),
    }
    loop {
        match flock(&file, FlockOperation::LockExclusive) {
            Err(rustix::io::Errno::INTR) => crate::signals::check()?,
            other => return other.map(|()| file).map_err(|e| failed(e.into())),
        }
    }
}

/// Writes a file where it is not what it should be, so that nothing is built anew for nothing.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let failed = |e| Failure::file(path, "cannot be written", e);
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(failed)?;
    }
    fs::write(path, bytes).map_err(failed)
}
