//! The copyright of what is in the command's binary: its own, and that of each crate that is linked
//! with it, as cargo tells and as the crates' own files say. It uses cargo, offline.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// A crate in the binary.
pub(crate) struct Linked {
    pub(crate) name: String,
    /// More than one if the crates that use it do not agree.
    pub(crate) versions: Vec<String>,
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
        .args(["--offline", "--features", "cli"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// The crates that are linked: what is only run while building is not in the binary.
pub(crate) fn linked() -> Vec<Linked> {
    let edges = ["--edges", "normal,no-proc-macro", "--target", TARGET];
    let form = ["--prefix", "none", "--no-dedupe", "--format", "{p}"];
    let tree = cargo(&[&["tree"], &edges[..], &form[..]].concat());
    let tree: BTreeSet<_> = tree
        .lines()
        .filter_map(|line| line.split_once(" v"))
        // Versions may have a path or a word behind them.
        .map(|(name, rest)| (name, rest.split(' ').next().unwrap()))
        .filter(|(name, _)| *name != env!("CARGO_PKG_NAME"))
        .collect();
    let metadata = cargo(&["metadata", "--format-version=1", "--filter-platform", TARGET]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let mut crates: Vec<Linked> = Vec::new();
    for (name, version) in tree {
        let packages = metadata["packages"].as_array().unwrap();
        let package = packages
            .iter()
            .find(|package| package["name"] == name && package["version"] == version)
            .unwrap_or_else(|| panic!("{name} {version} is not in the metadata"));
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name}: no licence"));
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        let mut holders = BTreeSet::new();
        notices(folder, &mut holders);
        if holders.is_empty() {
            let authors = package["authors"].as_array().unwrap().iter();
            holders.extend(authors.map(|author| author.as_str().unwrap().to_owned()));
        }
        if holders.is_empty() {
            holders.insert(format!("The authors of {name}"));
        }
        // Of two versions, one entry.
        match crates.last_mut() {
            Some(last) if last.name == name && last.licence == licence => {
                last.holders.extend(holders);
                last.versions.push(version.to_owned());
            }
            _ => crates.push(Linked {
                name: name.to_owned(),
                versions: vec![version.to_owned()],
                licence: licence.to_owned(),
                holders,
            }),
        }
    }
    crates
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
            let rest = rest.trim_start_matches("(c)").trim_start_matches("(C)").trim();
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
pub(crate) fn expression(crates: &[Linked]) -> String {
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
    licence.split(" OR ").flat_map(|choice| choice.split('/')).map(str::trim)
}

/// Debian's name of a licence.
fn debian(licence: &str) -> &str {
    match licence {
        "MIT" => "Expat",
        "Apache-2.0 WITH LLVM-exception" => "Apache-2.0 with LLVM exception",
        other => other,
    }
}

/// The file, machine-readable: copyright-format 1.0.
pub(crate) fn file(crates: &[Linked]) -> String {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut stanzas = String::new();
    let own = Linked {
        name: String::new(),
        versions: Vec::new(),
        licence: env!("CARGO_PKG_LICENSE").to_owned(),
        holders: ["2026 The cacerts maintainers".to_owned()].into(),
    };
    for linked in [&own].into_iter().chain(crates) {
        let mut parts = Vec::new();
        for part in linked.licence.split(" AND ") {
            let names: Vec<_> = choices(part).map(debian).collect();
            used.extend(&names);
            parts.push(names.join(" or "));
        }
        let holders: Vec<_> = linked.holders.iter().map(String::as_str).collect();
        let files = match linked.name.as_str() {
            "" => "*".to_owned(),
            name => format!("vendor/{name}/*"),
        };
        writeln!(stanzas, "Files: {files}").unwrap();
        writeln!(stanzas, "Copyright: {}", holders.join("\n           ")).unwrap();
        writeln!(stanzas, "License: {}\n", parts.join(" and ")).unwrap();
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
    format!("{HEADER}\n{stanzas}{}\n", texts.join("\n\n"))
}

const HEADER: &str = "\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: cacerts
Upstream-Contact: cacerts maintainers <maintainers@cacerts.example>
Comment: Below vendor are the published crates that the command is linked
 with statically, as `cargo vendor` unpacks them. It is also linked with the
 standard library of Rust, which is copyright The Rust Project contributors
 and under the licences Expat or Apache-2.0.
 This file is made by tests/generated.
";

/// The texts, in the form of the file.
const LICENCES: &str = include_str!("licences.txt");
