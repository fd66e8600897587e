//! What takes the place of the originals, written out: the drop-ins, and the library that they are
//! over. It may use `carried`, `path`, `workspace`, `lock` and `failure`.

use crate::carried;
use crate::failure::Failure;
use crate::lock::Package;
use crate::path::{Decided, defaults_toml};
use crate::shown;
use crate::workspace;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, InlineTable, Item};

/// The crates that decide on trust, and the series of each that there is a drop-in for.
const ORIGINALS: [(&str, &[&str]); 5] = [
    ("openssl-probe", &["0.1", "0.2"]),
    ("rustls-native-certs", &["0.6", "0.7", "0.8"]),
    ("rustls-platform-verifier", &["0.6", "0.7"]),
    ("webpki-root-certs", &["0.26", "1"]),
    ("webpki-roots", &["0.26", "1"]),
];

/// Whether this is one of the crates that decide on trust, in whatever version.
pub(crate) fn is_original(name: &str) -> bool {
    ORIGINALS.iter().any(|(original, _)| *original == name)
}

/// Whether there is something to take the place of this package.
pub(crate) fn is_there_for(package: &Package) -> bool {
    folder(&package.name, &package.version).is_some()
}

/// Whether this looks like a drop-in in a lock file.
pub(crate) fn may_be_in_place(package: &Package) -> bool {
    package.source.is_none() && is_original(&package.name)
}

/// The series of a crate that there is a drop-in for, in words.
pub(crate) fn series(name: &str) -> String {
    let found = ORIGINALS.iter().find(|(original, _)| *original == name);
    found.map_or_else(String::new, |(_, series)| series.join(", "))
}

/// The folder below `packaging/drop-in`: of the series, or of the crate where its API is the same.
fn folder(name: &str, version: &str) -> Option<String> {
    let (_, all) = ORIGINALS.iter().find(|(original, _)| *original == name)?;
    let plain = !version.contains('-');
    let of = |series: &&&str| version.strip_prefix(**series).is_some_and(|r| r.starts_with('.'));
    let series = all.iter().find(of).filter(|_| plain)?;
    let own = format!("{name}/{series}");
    let folder = if carried::drop_in(&own).next().is_some() { own } else { name.to_owned() };
    let there = carried::drop_in(&folder).any(|(path, _)| path == "Cargo.toml.in");
    there.then_some(folder)
}

/// Where a drop-in is, in the folder that is ours.
pub(crate) fn directory(place: &Path, package: &Package) -> PathBuf {
    place.join("drop-in").join(format!("{}-{}", package.name, package.version))
}

/// Writes out the drop-ins for these packages, over cacerts as the program has it or as it is
/// carried, and the file that makes cargo take them. `more` is for that file, too.
pub(crate) fn write_all(
    place: &Path,
    packages: &BTreeSet<Package>,
    cacerts: Option<&str>,
    decided: &Decided,
    more: &str,
) -> Result<(), Failure> {
    if cacerts.is_none() {
        write_library(&place.join("library"))?;
    }
    let mut config = more.to_owned();
    for package in packages {
        let directory = directory(place, package);
        // Should the variable not get through to the build script, that is no decision to search.
        let cacerts = cacerts.unwrap_or(r#"path = "../../library", features = ["require-path"]"#);
        write(&package.name, &package.version, &directory, cacerts, decided)?;
        // The key is ours, so that one crate can be there in several versions.
        let key = toml_edit::Value::from(format!("{}-{}", package.name, package.version));
        let path = quoted_path(&directory)?;
        let name = &package.name;
        config +=
            &format!("[patch.crates-io.{key}]\npackage = {name:?}\npath = {path}\n", key = key);
    }
    workspace::write(&place.join("config.toml"), config.as_bytes())
}

/// A path as TOML, which is in UTF-8.
pub(crate) fn quoted_path(path: &Path) -> Result<toml_edit::Value, Failure> {
    let text = path.to_str().ok_or_else(|| {
        Failure::file(path, "is not in UTF-8", "set CARGO_TARGET_DIR to a directory that is")
    })?;
    Ok(text.into())
}

/// Refuses to write over anything but a package of that name.
pub(crate) fn refuse_other(directory: &Path, name: &str) -> Result<(), Failure> {
    let Ok(mut entries) = fs::read_dir(directory) else { return Ok(()) };
    let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap_or_default();
    let manifest: DocumentMut = manifest.parse().unwrap_or_default();
    let found = manifest.get("package").and_then(|package| package.get("name")?.as_str());
    if entries.next().is_none() || found == Some(name) {
        return Ok(());
    }
    Err(Failure::usage(format_args!(
        "{} holds something else than the crate {name}: name a new folder, or that of {name}",
        shown::path(directory)
    )))
}

/// Writes out one drop-in.
pub(crate) fn write(
    name: &str,
    version: &str,
    directory: &Path,
    cacerts: &str,
    decided: &Decided,
) -> Result<(), Failure> {
    let folder = folder(name, version).ok_or_else(|| {
        let known: Vec<_> = ORIGINALS
            .iter()
            .map(|(name, series)| format!("{name} {}", series.join(", ")))
            .collect();
        Failure::usage(format_args!(
            "there is no drop-in for {name} {version}; there are for whole versions, as 0.2.1 is one, of {}",
            known.join("; ")
        ))
    })?;
    let path = literal(&decided.path);
    let variable = format!("{:?}", decided.file_variable);
    for (name, bytes) in carried::drop_in(&folder) {
        match name.strip_suffix(".in") {
            Some(name) => {
                let text = String::from_utf8_lossy(bytes)
                    .replace("@VERSION@", version)
                    .replace("@CACERTS@", cacerts)
                    .replace("@PATH@", &path)
                    .replace("@VARIABLE@", &variable);
                workspace::write(&directory.join(name), text.as_bytes())?;
            }
            None => workspace::write(&directory.join(name), bytes)?,
        }
    }
    // What its series have in common, and what all have.
    for (file, bytes) in
        carried::drop_in(name).filter(|(file, _)| !file.contains('/') && file.ends_with(".rs"))
    {
        workspace::write(&directory.join("src").join(file), bytes)?;
    }
    let note = carried::file(&format!("{}note.rs", carried::DROP_INS));
    workspace::write(&directory.join("src/note.rs"), note)
}

/// A path as it may stand in Rust and in TOML alike: it has no control characters, and the two
/// that are left to be escaped are escaped alike.
fn literal(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The library that is carried, as it stands in a lock file.
pub(crate) fn library() -> Package {
    let [name, version] = [env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")].map(str::to_owned);
    Package { name, version, source: None }
}

/// The library as the drop-ins need it: without the commands, tests and features of its own, so
/// that no more is compiled, and decided by what is baked into this command.
fn write_library(directory: &Path) -> Result<(), Failure> {
    for (name, bytes) in carried::library() {
        match name {
            "Cargo.toml" => {
                workspace::write(&directory.join(name), manifest(bytes)?.as_bytes())?;
            }
            "defaults.toml" => {
                workspace::write(&directory.join(name), defaults_toml().as_bytes())?;
            }
            _ => workspace::write(&directory.join(name), bytes)?,
        }
    }
    Ok(())
}

/// The manifest without what is not for the drop-ins.
fn manifest(bytes: &[u8]) -> Result<String, Failure> {
    let text = String::from_utf8_lossy(bytes);
    let mut manifest: DocumentMut = text.parse().map_err(|e| {
        Failure::usage(format_args!("the manifest that is carried is damaged: {e}"))
    })?;
    for key in ["bench", "bin", "dev-dependencies", "example", "test"] {
        manifest.remove(key);
    }
    // As cargo does for what is not the user's own.
    manifest["lints"]["rust"] = Item::Value(InlineTable::from_iter([("warnings", "allow")]).into());
    if let Some(lints) = manifest["lints"].as_table_like_mut() {
        lints.remove("clippy");
    }
    if let Some(package) = manifest.get_mut("package").and_then(|item| item.as_table_like_mut()) {
        for key in ["include", "exclude", "metadata", "readme", "default-run"] {
            package.remove(key);
        }
        for key in ["autobenches", "autobins", "autoexamples", "autotests"] {
            package.insert(key, false.into());
        }
    }
    Ok(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_has_its_folder_and_every_folder_its_series() {
        for (name, all) in ORIGINALS {
            for series in all {
                assert!(folder(name, &format!("{series}.9")).is_some(), "{name} {series}");
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(carried::DROP_INS);
        for entry in fs::read_dir(&root).unwrap() {
            let entry = entry.unwrap();
            if !entry.path().is_dir() {
                continue;
            }
            let name = entry.file_name().into_string().unwrap();
            assert!(is_original(&name), "{name}");
            for inner in fs::read_dir(entry.path()).unwrap() {
                let inner = inner.unwrap().file_name().into_string().unwrap();
                if inner.starts_with(|c: char| c.is_ascii_digit()) {
                    let used = folder(&name, &format!("{inner}.0"));
                    assert_eq!(used, Some(format!("{name}/{inner}")));
                }
            }
        }
    }

    #[test]
    fn versions_without_a_drop_in() {
        for (name, version) in [
            ("openssl-probe", "0.3.0"),
            ("openssl-probe", "0.10.0"),
            ("openssl-probe", "0.2.0-beta.1"),
            ("rustls-platform-verifier", "0.5.3"),
            ("webpki-roots", "0.25.4"),
            ("log", "0.4.0"),
        ] {
            assert_eq!(folder(name, version), None, "{name} {version}");
        }
    }

    #[test]
    fn a_path_is_one_literal() {
        assert_eq!(literal("/a b/\"c\\d"), r#""/a b/\"c\\d""#);
        let value: DocumentMut = format!("x = {}", literal("/ü\"\\")).parse().unwrap();
        assert_eq!(value["x"].as_str(), Some("/ü\"\\"));
    }

    #[test]
    fn the_librarys_manifest_is_whole_without_the_rest() {
        let text = manifest(carried::file("Cargo.toml")).unwrap_or_default();
        let manifest: DocumentMut = text.parse().unwrap();
        assert_eq!(manifest["package"]["links"].as_str(), Some("cacerts"));
        assert!(manifest.get("bin").is_none() && manifest.get("dependencies").is_some());
    }
}
