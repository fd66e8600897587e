//! Holds docs/libraries.md, and what the crate's documentation shows of it, to the examples, to Cargo.toml and to
//! Cargo.lock: what is shown is what is tested.

use std::fs;

const PAGE: &str = include_str!("../../docs/libraries.md");
const MANIFEST: &str = include_str!("../Cargo.toml");
const LOCK: &str = include_str!("../Cargo.lock");
const CRATE: &str = include_str!("../../src/lib.rs");
const CRATE_MANIFEST: &str = include_str!("../../Cargo.toml");

/// The sections that are about an example, with its name.
fn sections() -> Vec<(&'static str, &'static str)> {
    let sections = PAGE.split("\n## ").skip(1).map(|section| section.split_once('\n').unwrap());
    let sections: Vec<_> = sections.filter(|(name, _)| *name != "Another library").collect();
    assert!(!sections.is_empty());
    sections
}

/// What stands in the fences of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("\n```{language}\n");
    let parts = text.split(&fence).skip(1);
    parts.map(|part| part.split_once("\n```\n").unwrap().0.to_owned()).collect()
}

/// Lines without their indentation.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).collect()
}

#[test]
fn every_example_has_its_section() {
    let mut shown: Vec<_> = sections().iter().map(|(name, _)| format!("{name}.rs")).collect();
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin")).unwrap();
    let mut files: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    shown.sort();
    files.sort();
    assert_eq!(shown, files);
}

/// The crate cannot compile what it shows of others.
#[test]
fn what_the_crate_shows_is_on_the_page() {
    let shown: String = CRATE
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .fold(String::new(), |text, line| text + line.strip_prefix(' ').unwrap_or(line) + "\n");
    let shown = blocks(&shown, "ignore");
    assert_eq!(shown.len(), 2);
    let page = blocks(PAGE, "rust").join("\n");
    for block in shown {
        assert!(page.contains(&block), "the page does not have this:\n{block}");
    }
}

#[test]
fn code_is_in_the_example() {
    for (name, text) in sections() {
        let path = format!("{}/src/bin/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = fs::read_to_string(path).unwrap();
        let source = lines(&source);
        let blocks = blocks(text, "rust");
        assert_eq!(blocks.len(), 1, "{name}");
        for paragraph in blocks[0].split("\n\n") {
            let wanted = lines(paragraph);
            // A list of imports may leave out what is not about the library.
            let found = if wanted[0].starts_with("use ") {
                wanted.iter().all(|line| source.contains(line))
            } else {
                source.windows(wanted.len()).any(|window| window == wanted)
            };
            assert!(found, "{name}.rs does not have this:\n{paragraph}");
        }
    }
}

#[test]
fn dependencies_are_those_of_the_examples() {
    let dependencies = MANIFEST.split("[dev-dependencies]").next().unwrap();
    let dependencies = lines(dependencies);
    for (name, text) in sections() {
        let blocks = blocks(text, "toml");
        assert_eq!(blocks.len(), 1, "{name}");
        for line in blocks[0].lines() {
            assert!(dependencies.contains(&line), "Cargo.toml does not have this:\n{line}");
        }
    }
    let ours = &blocks(PAGE, "toml")[0];
    let version =
        ours.strip_prefix("cacerts = \"").and_then(|rest| rest.strip_suffix('"')).unwrap();
    assert!(CRATE_MANIFEST.contains(&format!("\nversion = \"{version}.")), "{ours}");
}

#[test]
fn versions_are_those_that_are_tested() {
    for (name, _) in sections() {
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| [{name}](#{name}) | ")));
        let version = row.unwrap_or_else(|| panic!("{name} is not in the table"));
        let version = version.split(" | ").nth(1).unwrap();
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(LOCK.contains(&locked), "it is not {name} {version} that is tested");
    }
}

/// A store of a library's own, or another provider, gets in by a feature that somebody turns on.
#[test]
fn no_other_roots_than_those_that_the_page_owns_up_to() {
    let packages: Vec<_> = LOCK.lines().filter_map(|line| line.strip_prefix("name = \"")).collect();
    for unwanted in ["aws-lc-rs", "native-tls", "webpki-roots"] {
        assert!(!packages.contains(&format!("{unwanted}\"").as_str()), "{unwanted}");
    }
}
