//! What is made from something else and committed, so that a distribution needs nothing to make it:
//! the man pages and completions from the command's own arguments, the copyright files from the crates
//! that the command is linked with, and from all of Cargo.lock. Each is made again and compared; with
//! `GENERATED=write` it is written. And what pages written by hand say of the command is held to it. It uses the
//! development dependencies and cargo.

#![cfg(target_os = "linux")]

mod api;
// The command's own; not all of it is used here.
#[allow(dead_code, unreachable_pub)]
#[path = "../../src/bin/cacerts/args.rs"]
mod args;
#[path = "../integration/support/committed.rs"]
mod committed;
mod copyright;
mod manual;
mod supply;

use args::Args;
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use std::collections::BTreeSet;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command as Process;

const AGAIN: &str = "GENERATED=write cargo test --features cli --test generated";

fn committed(name: &str, new: &str) {
    committed::compare(name, new, "GENERATED", AGAIN);
}

#[test]
fn the_man_page_of_the_command_is_right() {
    committed("packaging/man/cacerts.1", &manual::command(Args::command()));
}

/// What the help shows as an example is what the command takes.
#[test]
fn the_examples_are_right() {
    let page = manual::command(Args::command()).replace("\\-", "-");
    let mut root = Args::command();
    let mut names: Vec<_> =
        root.get_subcommands().map(|sub| vec![sub.get_name().to_owned()]).collect();
    names.extend([vec![], vec!["config".to_owned(), "set".to_owned()]]);
    let mut count = 0;
    for path in names {
        let command = path.iter().fold(&mut root, |c, name| c.find_subcommand_mut(name).unwrap());
        let help = command.render_long_help().to_string();
        for line in help.lines().filter(|line| line.starts_with("  ") && line.contains("cacerts "))
        {
            let example = line.trim();
            let words = example.split(" | ").next().unwrap().split(" > ").next().unwrap();
            let is_variable = |word: &&str| word.contains('=') && !word.starts_with('-');
            let words = words.split(' ').skip_while(is_variable);
            if !line.starts_with("   ") {
                Args::try_parse_from(words).unwrap_or_else(|e| panic!("{example}: {e}"));
                assert!(page.contains(&format!("\\fB{example}\\fR")), "{example}");
                count += 1;
            }
        }
    }
    assert!(count > 15, "{count}");
}

#[test]
fn the_man_page_of_the_configuration_is_right() {
    let config = include_str!("../../packaging/config.toml");
    let page = manual::configuration(config);
    for key in config.lines().filter_map(|line| line.strip_prefix('#')?.split_once(" = ")) {
        assert!(page.contains(&format!("\\fB{}\\fR", key.0)), "{} has no entry", key.0);
    }
    committed("packaging/man/cacerts.5", &page);
}

/// It is written by hand; what the help names is in it.
#[test]
fn the_man_page_of_cargo_cacerts_has_what_its_help_has() {
    let page = include_str!("../../packaging/man/cargo-cacerts.1").replace("\\-", "-");
    assert!(page.contains(concat!("\"cacerts ", env!("CARGO_PKG_VERSION"), "\"")));
    let help = Process::new(env!("CARGO_BIN_EXE_cargo-cacerts")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let is_a_name = |word: &&str| word.starts_with("--") || word.starts_with("CACERTS_");
    let words = help.split(|c: char| c.is_whitespace() || ",.;[]()".contains(c));
    let names: BTreeSet<_> = words.filter(is_a_name).collect();
    assert!(names.len() >= 5, "{names:?}");
    assert!(help.lines().all(|line| line.len() <= 80), "{help}");
    let commands = help.lines().filter_map(|line| line.strip_prefix("  ")?.split("  ").next());
    let commands = commands.flat_map(|names| names.split([',', ' '])).filter(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    });
    for name in names.into_iter().chain(commands) {
        assert!(page.contains(name), "cargo-cacerts(1) has no {name}");
    }
}

#[test]
fn the_completions_are_right() {
    for (shell, name) in
        [(Shell::Bash, "cacerts.bash"), (Shell::Zsh, "_cacerts"), (Shell::Fish, "cacerts.fish")]
    {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut Args::command(), "cacerts", &mut text);
        committed(&format!("packaging/completions/{name}"), &String::from_utf8(text).unwrap());
    }
}

/// What is more than that belongs on a page for whom it is for.
#[test]
fn the_readme_is_one_page() {
    let words = include_str!("../../README.md").split_whitespace().count();
    assert!(words <= 600, "README.md has {words} words, and 600 are what somebody reads");
}

/// Every command line of a page, in a block to copy or typed at a prompt, is one that the command takes.
#[test]
fn what_the_pages_type_is_taken() {
    let pages = [
        ("README.md", include_str!("../../README.md")),
        ("docs/administrators.md", include_str!("../../docs/administrators.md")),
        ("packaging/README.md", include_str!("../../packaging/README.md")),
    ];
    for (name, page) in pages {
        let mut taken = 0;
        for line in page.lines() {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            let line = line.split(" #").next().unwrap().trim_end();
            // What is no synopsis; some of these say a thing in words, in other fences.
            let is_typed = line.starts_with("cacerts ") && !line.contains(['[', '|', '`']);
            if !is_typed || line.contains("  ") {
                continue;
            }
            let words = line.split_whitespace().map(|word| word.replace('"', ""));
            if let Err(error) = Args::command().try_get_matches_from(words) {
                panic!("{name}: {line}\n{error}");
            }
            taken += 1;
        }
        assert!(taken > 0, "{name} types nothing");
    }
}

#[test]
fn the_copyright_file_is_right() {
    let crates = copyright::linked();
    let names: Vec<_> = crates.iter().map(|linked| linked.name.as_str()).collect();
    // Linked, and not.
    assert!(names.contains(&"ring") && names.contains(&"clap_builder"), "{names:?}");
    assert!(!names.contains(&"rcgen") && !names.contains(&"serde_derive"), "{names:?}");
    committed("packaging/debian.copyright", &copyright::binary(&crates));
}

/// Debian's source package has all crates of Cargo.lock, in the folders that `cargo vendor` makes.
#[test]
fn the_copyright_file_of_the_source_package_is_right() {
    let crates = copyright::vendored();
    let lock: toml::Table = include_str!("../../Cargo.lock").parse().unwrap();
    let mut locked: Vec<_> = lock["package"].as_array().unwrap().iter().collect();
    locked.retain(|package| package.get("source").is_some());
    let locked = locked.iter().map(|package| (&package["name"], &package["version"]));
    let locked: BTreeSet<_> =
        locked.map(|(name, version)| (name.as_str().unwrap(), version.as_str().unwrap())).collect();
    let found = crates.iter().map(|found| (found.name.as_str(), found.versions[0].as_str()));
    assert_eq!(found.collect::<BTreeSet<_>>(), locked);
    // One version of each has the bare name, the others have their version behind it.
    let folders: BTreeSet<_> = crates.iter().map(|found| found.folder.as_str()).collect();
    assert_eq!(folders.len(), crates.len(), "two crates in one folder");
    for found in &crates {
        let versioned = format!("{}-{}", found.name, found.versions[0]);
        assert!(found.folder == found.name || found.folder == versioned, "{}", found.folder);
        assert!(folders.contains(found.name.as_str()), "{} has no bare folder", found.name);
    }
    // Linked, for tests, and of other systems only.
    for folder in ["rustls", "rcgen", "windows-link"] {
        assert!(folders.contains(folder), "{folder} is not in {folders:?}");
    }
    committed("packaging/debian/copyright", &copyright::source(&crates));
}

/// Fedora wants to be told of what comes along with a package.
#[test]
fn the_spec_names_every_crate() {
    const BUNDLED: &str = "Provides:       bundled(crate(";
    let mut crates = String::new();
    for linked in copyright::linked() {
        for version in &linked.versions {
            // What is behind the plus counts for nothing, as Fedora's own tools have it.
            let version = version.split('+').next().unwrap();
            writeln!(crates, "{BUNDLED}{})) = {version}", linked.name).unwrap();
        }
    }
    let spec = include_str!("../../packaging/cacerts.spec");
    let (before, rest) = spec.split_once(BUNDLED).unwrap();
    let after = rest.split_inclusive('\n').skip(1).skip_while(|line| line.starts_with(BUNDLED));
    committed(
        "packaging/cacerts.spec",
        &(before.to_owned() + &crates + &after.collect::<String>()),
    );
}

/// Fedora wants the licences of everything that is linked statically.
#[test]
fn the_rpm_names_every_licence() {
    let manifest = include_str!("../../Cargo.toml");
    let manifest: toml::Table = manifest.parse().unwrap();
    let found = &manifest["package"]["metadata"]["generate-rpm"]["license"];
    assert_eq!(found.as_str(), Some(copyright::expression(&copyright::linked()).as_str()));
}

/// What the page of security refers to is there.
#[test]
fn each_test_that_is_named_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut sources, mut tests, mut files) = (String::new(), 0, 0);
    for folder in ["src", "tests"] {
        sources_below(&root.join(folder), &mut sources);
    }
    for name in include_str!("../../SECURITY.md").split('`').skip(1).step_by(2) {
        let is_test = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.chars().all(is_test) && name.matches('_').count() > 2 {
            assert!(sources.contains(&format!("fn {name}()")), "there is no test {name}");
            tests += 1;
        } else if name.contains('/')
            && name.starts_with(|c: char| c == '.' || c.is_ascii_lowercase())
        {
            let file = name.split(' ').next().unwrap();
            assert!(root.join(file).exists(), "there is no {file}");
            files += 1;
        } else if name.starts_with("root-") || name.starts_with("k-") {
            let row = format!("shape(\"{name}\"");
            assert!(sources.contains(&row), "there is no shape {name}");
        }
    }
    assert!(tests > 50 && files > 5, "{tests} tests, {files} files");
}

fn sources_below(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources_below(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *text += &fs::read_to_string(path).unwrap();
        }
    }
}
