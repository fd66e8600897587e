//! `cargo cacerts install`: the package's sources are fetched by cargo, looked at like any other
//! program's, and installed from there. It may use all that `flow` uses for a program.

use crate::args::{TAKING, Words, absolute};
use crate::cargo::{Cargo, Refused};
use crate::failure::Failure;
use crate::path::Decided;
use crate::ready::Ready;
use crate::workspace::write;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use toml_edit::{InlineTable, Value};

/// The options that say where a package is from; with `--path` cargo takes none of them.
const FROM: [&str; 8] =
    ["--branch", "--git", "--index", "--registry", "--rev", "--tag", "--vers", "--version"];

pub(crate) fn install(
    cargo: &Cargo,
    words: &Words,
    decided: &Decided,
) -> Result<ExitStatus, Failure> {
    let taking: Vec<_> = TAKING.iter().chain(&FROM).copied().collect();
    let names = words.positional(&taking);
    if let Some(path) = words.values(&["--path"]).pop() {
        let manifest = absolute(path).join("Cargo.toml");
        return from(cargo, words, decided, manifest);
    }
    if names.is_empty() {
        return Err(Failure::usage(
            "install takes the name of a package, or --path DIR; with --git, its name, too",
        ));
    }
    for name in &names {
        let temporary = tempfile::Builder::new().prefix("cargo-cacerts-").tempdir();
        let temporary = temporary
            .map_err(|e| Failure::usage(format_args!("no temporary directory can be made: {e}")))?;
        let manifest = fetch(cargo, words, name, temporary.path())?;
        let mut words = words.without(&[], &FROM, &names);
        let directory = manifest.parent().unwrap_or(&manifest);
        words.rest.splice(0..0, ["--path".into(), directory.into()]);
        let status = from(cargo, &words, decided, manifest)?;
        if !status.success() {
            return Ok(status);
        }
    }
    Ok(ExitStatus::from_raw(0))
}

/// Installs what is in a folder. What is resolved then is what cargo has to keep to.
fn from(
    cargo: &Cargo,
    words: &Words,
    decided: &Decided,
    manifest: PathBuf,
) -> Result<ExitStatus, Failure> {
    let ready = Ready::to_install(cargo, words, decided, manifest)?;
    let mut locked = words.without(&["--locked", "--frozen"], &[], &[]);
    locked.rest.insert(0, "--locked".into());
    if words.has(&["--frozen"]) {
        locked.rest.insert(0, "--offline".into());
    }
    ready.running().run(&locked)
}

/// Lets cargo fetch a package as the dependency of an empty one, and copies it, since what cargo
/// keeps is not to be written to. Gives back the manifest of the copy.
fn fetch(
    cargo: &Cargo,
    words: &Words,
    wanted: &OsString,
    temporary: &Path,
) -> Result<PathBuf, Failure> {
    let wanted = wanted.to_string_lossy();
    let value = |name| words.values(&[name]).pop().map(|v| v.to_string_lossy().into_owned());
    let (name, version) = match wanted.split_once('@') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (&*wanted, value("--version").or_else(|| value("--vers"))),
    };
    let mut dependency = InlineTable::new();
    // Stable cargo leaves a package without a library out of its answer; not so where its program is
    // what is needed (`-Zbindeps`). That it is told to be so is no part of what is installed. `cargo vendor`
    // has it, too, but with a copy of all that it needs, and of a repository without the workspace.
    dependency.insert("artifact", "bin".into());
    dependency.insert("default-features", false.into());
    for (option, key) in [
        ("--git", "git"),
        ("--branch", "branch"),
        ("--tag", "tag"),
        ("--rev", "rev"),
        ("--registry", "registry"),
        ("--index", "registry-index"),
    ] {
        if let Some(value) = value(option) {
            dependency.insert(key, value.into());
        }
    }
    if let Some(version) = &version {
        dependency.insert("version", requirement(version).into());
    } else if !dependency.contains_key("git") {
        dependency.insert("version", "*".into());
    }
    let text = format!(
        "[package]\nname = \"cargo-cacerts-fetch\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
         [workspace]\n[dependencies]\n{} = {dependency}\n",
        Value::from(name)
    );
    let manifest = temporary.join("fetch/Cargo.toml");
    write(&manifest, text.as_bytes())?;
    write(&temporary.join("fetch/src/lib.rs"), b"")?;
    let mut options = words.resolving();
    options.extend(cargo.platforms(words.values(&["--target"]), &options)?);
    options.push("-Zbindeps".into());
    let unstable = [("RUSTC_BOOTSTRAP", "1")];
    let answer = cargo.metadata_with(Some(&manifest), &options, &unstable);
    let answer = answer.map_err(Refused::shown)?;
    let packages = answer["packages"].as_array().into_iter().flatten();
    let mut found: Vec<_> = packages
        .filter(|package| package["name"] == name && !package["source"].is_null())
        .filter_map(|package| package["manifest_path"].as_str().map(PathBuf::from))
        .collect();
    let Some(fetched) = found.pop() else {
        return Err(Failure::usage(format_args!(
            "{name}: there is no package of this name where it was fetched from; look at the name"
        )));
    };
    if !found.is_empty() {
        return Err(Failure::usage(format_args!(
            "{name}: there is more than one package of this name among its dependencies; name the \
             version, as in {name}@1.2.3"
        )));
    }
    let copy = temporary.join(wanted.replace('@', "-"));
    let root = fetched.ancestors().skip(1).find(|root| root.join(".cargo-ok").exists());
    let root = root.or_else(|| fetched.parent()).unwrap_or(&fetched);
    copy_all(root, &copy)?;
    Ok(copy.join(fetched.strip_prefix(root).unwrap_or(&fetched)))
}

/// As `cargo install` reads it: three numbers are that version and no other.
fn requirement(version: &str) -> String {
    let is_exact = version.starts_with(|c: char| c.is_ascii_digit())
        && version.split(['-', '+']).next().is_some_and(|numbers| numbers.split('.').count() == 3)
        && !version.contains('*');
    if is_exact { format!("={version}") } else { version.to_owned() }
}

/// Without the configuration that may be in it, which cargo does not read for what it installs from
/// a registry, and without the repository.
fn copy_all(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |e| Failure::file(from, "cannot be copied", e);
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if [".cargo", ".git"].iter().any(|name| entry.file_name() == *name) {
        } else if path.is_symlink() {
            // As it is: it may lead nowhere, or back up.
            let target = fs::read_link(&path).map_err(failed)?;
            std::os::unix::fs::symlink(target, &to).map_err(failed)?;
        } else if path.is_dir() {
            copy_all(&path, &to)?;
        } else {
            fs::copy(&path, &to).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{copy_all, requirement};
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    #[test]
    fn links_are_copied_as_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        fs::create_dir(&from).unwrap();
        fs::write(from.join("file"), "text").unwrap();
        for (target, link) in [("none-such", "dangling"), ("..", "up"), ("file", "plain")] {
            symlink(target, from.join(link)).unwrap();
        }
        assert!(copy_all(&from, &to).is_ok());
        for (target, link) in [("none-such", "dangling"), ("..", "up"), ("file", "plain")] {
            assert_eq!(fs::read_link(to.join(link)).unwrap(), Path::new(target));
        }
        assert_eq!(fs::read_to_string(to.join("plain")).unwrap(), "text");
    }

    #[test]
    fn three_numbers_are_one_version() {
        for (version, expected) in [
            ("1.2.3", "=1.2.3"),
            ("1.2.3-rc.1", "=1.2.3-rc.1"),
            ("^1.2", "^1.2"),
            ("1.2.*", "1.2.*"),
            ("~1.2.3", "~1.2.3"),
            ("*", "*"),
        ] {
            assert_eq!(requirement(version), expected);
        }
    }
}
