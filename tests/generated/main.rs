//! What is made from something else and committed, so that a distribution needs nothing to make it:
//! the man pages and completions from the command's own arguments, the copyright file from the crates
//! that the command is linked with. Each is made again and compared; with `GENERATED=write` it is
//! written. It uses the development dependencies and cargo.

#![cfg(target_os = "linux")]

// The command's own; not all of it is used here.
#[allow(dead_code, unreachable_pub)]
#[path = "../../src/bin/cacerts/args.rs"]
mod args;
mod copyright;
mod manual;

use args::Args;
use clap::CommandFactory;
use clap_complete::Shell;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

const AGAIN: &str = "GENERATED=write cargo test --features cli --test generated";

/// Compares with what is committed, or writes it.
fn committed(name: &str, new: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if env::var_os("GENERATED").is_some_and(|value| value == "write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, new).unwrap();
        return;
    }
    let old = fs::read_to_string(path).unwrap_or_default();
    for (number, (old, new)) in old.lines().zip(new.lines()).enumerate() {
        assert_eq!(old, new, "{name}:{} differs; to write it again: {AGAIN}", number + 1);
    }
    assert!(old == new, "{name} differs; to write it again: {AGAIN}");
}

#[test]
fn the_man_page_of_the_command_is_right() {
    committed("packaging/man/cacerts.1", &manual::command(Args::command()));
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

#[test]
fn the_copyright_file_is_right() {
    let crates = copyright::linked();
    let names: Vec<_> = crates.iter().map(|linked| linked.name.as_str()).collect();
    // Linked, and not.
    assert!(names.contains(&"ring") && names.contains(&"clap_builder"), "{names:?}");
    assert!(!names.contains(&"rcgen") && !names.contains(&"serde_derive"), "{names:?}");
    committed("packaging/debian.copyright", &copyright::file(&crates));
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
