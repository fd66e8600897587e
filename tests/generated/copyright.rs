//! The copyright of what is in the command's binary, and of what is in the source package with the
//! dependencies: our own, and that of each crate, as cargo tells and as the crates' own files say. It
//! uses cargo, offline, and the files that cargo has fetched.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// A crate in the binary, or in the archive of packaging/vendor.
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Of one in the binary, more than one if the crates that use it do not agree.
    pub(crate) versions: Vec<String>,
    /// Where it is, below vendor.
    pub(crate) folder: String,
    /// As its manifest has it, an SPDX expression.
    licence: String,
    /// Who holds the copyright: the notices in its files, or else its authors.
    holders: BTreeSet<String>,
}

/// For Debian's and Fedora's most used machine; the others differ in what their kernel is called by.
const TARGET: &str = "x86_64-unknown-linux-gnu";

fn cargo(arguments: &[&str]) -> String {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .arg("--offline")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    let next = "cargo fetch --locked";
    assert!(output.status.success(), "cargo {arguments:?}, which needs `{next}` before: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Names and versions of what cargo has in its tree, but for our own.
fn tree(arguments: &[&str]) -> BTreeSet<(String, String)> {
    let form = ["--prefix", "none", "--no-dedupe", "--format", "{p}"];
    let tree = cargo(&[&["tree"], arguments, &form].concat());
    tree.lines()
        .filter_map(|line| line.split_once(" v"))
        // Versions may have a path or a word behind them.
        .map(|(name, rest)| (name.to_owned(), rest.split(' ').next().unwrap().to_owned()))
        .filter(|(name, _)| *name != env!("CARGO_PKG_NAME"))
        .collect()
}

/// What the manifests say, by name and version.
pub(crate) fn packages_of(arguments: &[&str]) -> BTreeMap<(String, String), Value> {
    let metadata = cargo(&[&["metadata", "--format-version=1"], arguments].concat());
    let mut metadata: Value = serde_json::from_str(&metadata).unwrap();
    let Value::Array(packages) = metadata["packages"].take() else { panic!("no packages") };
    let text = |package: &Value, key| package[key].as_str().unwrap().to_owned();
    packages
        .into_iter()
        .map(|package| ((text(&package, "name"), text(&package, "version")), package))
        .filter(|((name, _), _)| *name != env!("CARGO_PKG_NAME"))
        .collect()
}

/// The crates that are linked where cargo is given this, but for our own.
pub(crate) fn names(arguments: &[&str]) -> BTreeSet<(String, String)> {
    let edges = ["--edges", "normal,no-proc-macro", "--target", TARGET];
    tree(&[arguments, &edges].concat())
}

/// The same with all features, and with what runs when it is built.
pub(crate) fn names_in_building() -> BTreeSet<(String, String)> {
    tree(&["--all-features", "--edges", "normal,build", "--target", TARGET])
}

/// A crate in that folder below vendor. Of one without its source, only the manifest counts.
fn dependency(package: &Value, folder: String, source: bool) -> Dependency {
    let name = package["name"].as_str().unwrap();
    let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name}: no licence"));
    let mut holders = BTreeSet::new();
    if source {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        notices(manifest.parent().unwrap(), &mut holders);
    }
    // Where several licences apply, the notices may be those of what was taken over.
    if holders.is_empty() || licence.contains(" AND ") {
        let authors = package["authors"].as_array().unwrap().iter();
        holders.extend(authors.map(|author| author.as_str().unwrap().to_owned()));
    }
    if holders.is_empty() {
        holders.insert(format!("The authors of {name}"));
    }
    Dependency {
        name: name.to_owned(),
        versions: vec![package["version"].as_str().unwrap().to_owned()],
        folder,
        licence: licence.to_owned(),
        holders,
    }
}

/// The crates that are linked: what is only run while building is not in the binary.
pub(crate) fn linked() -> Vec<Dependency> {
    let packages = packages_of(&["--features", "cli", "--filter-platform", TARGET]);
    let mut crates: Vec<Dependency> = Vec::new();
    for key in names(&["--features", "cli"]) {
        let package = packages.get(&key).unwrap_or_else(|| panic!("{key:?}: no metadata"));
        let linked = dependency(package, key.0, true);
        // Of two versions, one entry.
        match crates.last_mut() {
            Some(last) if last.name == linked.name && last.licence == linked.licence => {
                last.holders.extend(linked.holders);
                last.versions.extend(linked.versions);
            }
            _ => crates.push(linked),
        }
    }
    crates
}

/// The crates in the archive of packaging/vendor: all those of Cargo.lock.
pub(crate) fn vendored() -> Vec<Dependency> {
    let targets = include_str!("../../packaging/vendor").split_once("\nTARGETS=(").unwrap().1;
    let targets = targets.split_once(')').unwrap().0.split_whitespace();
    let targets = targets.flat_map(|target| ["--target", target]);
    let edges = ["--edges", "normal,build,dev"];
    let all = ["--features", "cli"].into_iter().chain(edges).chain(targets);
    let built = tree(&all.collect::<Vec<_>>());
    let packages = packages_of(&["--all-features"]);
    packages
        .iter()
        .map(|(key, package)| {
            let (name, version) = key;
            // As `cargo vendor` has it: the newest version has the bare name.
            let of_name = packages.keys().filter(|(other, _)| other == name);
            let newest = of_name.map(|(_, version)| numbers(version)).max().unwrap();
            let bare = numbers(version) == newest;
            let folder = if bare { name.clone() } else { format!("{name}-{version}") };
            dependency(package, folder, built.contains(key))
        })
        .collect()
}

/// A version without what is behind its plus.
fn numbers(version: &str) -> Vec<u64> {
    let numbers = version.split('+').next().unwrap().split('.').map(str::parse);
    numbers.collect::<Result<_, _>>().unwrap_or_else(|_| panic!("{version}: not just numbers"))
}

/// The notices in files that are named after licences, also in folders of code that was taken over.
fn notices(folder: &Path, holders: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            notices(&path, holders);
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().to_uppercase();
        if !["LICENSE", "LICENCE", "COPYRIGHT", "COPYING"].iter().any(|word| name.starts_with(word))
        {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        for line in text.lines().map(str::trim) {
            let Some(rest) = line.strip_prefix("Copyright ") else { continue };
            let rest = rest.trim_start_matches("(c)").trim_start_matches("(C)");
            let rest = rest.trim_start_matches('©').trim();
            let rest = rest.trim_end_matches("All rights reserved.").trim_end_matches(['.', ' ']);
            // The form to be filled in, and prose.
            let form = rest.contains("[yyyy]") || rest.contains("{yyyy}");
            let dated = rest.starts_with(|first: char| first.is_ascii_digit());
            if !form && (dated || rest.starts_with("The ") || rest.starts_with("Individual ")) {
                holders.insert(rest.to_owned());
            }
        }
    }
}

/// The licences of everything in the binary, as one SPDX expression.
pub(crate) fn expression(crates: &[Dependency]) -> String {
    let own = env!("CARGO_PKG_LICENSE");
    let mut all = BTreeSet::new();
    for licence in crates.iter().map(|linked| linked.licence.as_str()).chain([own]) {
        for part in licence.split(" AND ") {
            let choices: BTreeSet<_> = choices(part).collect();
            let choices = choices.into_iter().collect::<Vec<_>>().join(" OR ");
            all.insert(if choices.contains(" OR ") { format!("({choices})") } else { choices });
        }
    }
    all.into_iter().collect::<Vec<_>>().join(" AND ")
}

/// Older manifests have a slash for OR.
fn choices(licence: &str) -> impl Iterator<Item = &str> {
    let licence = licence.trim_start_matches('(').trim_end_matches(')');
    licence.split(" OR ").flat_map(|choice| choice.split('/')).map(str::trim)
}

/// Debian's name of a licence.
fn debian(licence: &str) -> &str {
    match licence {
        "MIT" => "Expat",
        "LGPL-2.1-or-later" => "LGPL-2.1+",
        "Apache-2.0 WITH LLVM-exception" => "Apache-2.0 with LLVM exception",
        other => other,
    }
}

/// The file of the binary package.
pub(crate) fn binary(crates: &[Dependency]) -> String {
    file(
        " Below vendor are the published crates that the command is linked
 with statically, as `cargo vendor` unpacks them. It is also linked with the
 standard library of Rust, which is copyright The Rust Project contributors
 and under the licences Expat or Apache-2.0.
",
        crates,
    )
}

/// The file of the source package, which the packages built of it have, too.
pub(crate) fn source(crates: &[Dependency]) -> String {
    file(
        " Below vendor are the published crates, as packaging/vendor puts
 them into the archive of the dependencies; of those that no build for Linux
 compiles there is only the manifest, with its licence and authors. The command
 is linked statically with some of the others, and with the standard library of
 Rust, which is copyright The Rust Project contributors and under the licences
 Expat or Apache-2.0.
",
        crates,
    )
}

/// Machine-readable: copyright-format 1.0.
fn file(comment: &str, crates: &[Dependency]) -> String {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut stanzas = String::new();
    let own = Dependency {
        name: String::new(),
        versions: Vec::new(),
        folder: String::new(),
        licence: env!("CARGO_PKG_LICENSE").to_owned(),
        holders: ["2026 The cacerts maintainers".to_owned()].into(),
    };
    for dependency in [&own].into_iter().chain(crates) {
        let mut parts = Vec::new();
        for part in dependency.licence.split(" AND ") {
            let names: Vec<_> = choices(part).map(debian).collect();
            used.extend(&names);
            parts.push(names.join(" or "));
        }
        // `and` comes before `or`, but for a comma.
        let choice = parts.len() > 1 && parts.iter().any(|part| part.contains(" or "));
        let and = if choice { ", and " } else { " and " };
        let holders: Vec<_> = dependency.holders.iter().map(String::as_str).collect();
        let files = match dependency.folder.as_str() {
            "" => "*".to_owned(),
            folder => format!("vendor/{folder}/*"),
        };
        writeln!(stanzas, "Files: {files}").unwrap();
        writeln!(stanzas, "Copyright: {}", holders.join("\n           ")).unwrap();
        writeln!(stanzas, "License: {}\n", parts.join(and)).unwrap();
    }
    let texts = LICENCES.trim_end().split("\n\n").map(|text| {
        let name = text.strip_prefix("License: ").and_then(|text| text.lines().next());
        (name.expect("a text begins with its licence"), text)
    });
    let texts: Vec<_> = texts.filter(|(name, _)| used.contains(name)).collect();
    for name in used {
        assert!(texts.iter().any(|text| text.0 == name), "licences.txt: no text of {name}");
    }
    let texts: Vec<_> = texts.into_iter().map(|(_, text)| text).collect();
    format!("{HEADER}Comment:{comment}{MADE}\n{stanzas}{}\n", texts.join("\n\n"))
}

const HEADER: &str = "\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: cacerts
Upstream-Contact: cacerts maintainers <maintainers@cacerts.example>
";

const MADE: &str = " This file is made by tests/generated.\n";

/// The texts, in the form of the file.
const LICENCES: &str = include_str!("licences.txt");
