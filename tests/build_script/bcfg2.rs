//! Bcfg2's packagers: a configuration file that comes with the package. How it fares when packages
//! come and go is in tests/clean-root.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The file in the packages.
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/config.toml");

fn get(key: &str, file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cacerts"));
    command.args(["config", "get", key, "--config"]).arg(file).env_clear();
    command.output().expect("the command runs")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

#[test]
fn b10_shipped_configuration_sets_nothing_and_shows_every_key() {
    let text = fs::read_to_string(SHIPPED).expect("the file");
    let set = |line: &&str| !line.is_empty() && !line.starts_with('#');
    assert_eq!(text.lines().find(set), None, "everything is commented out");

    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let empty = file("empty.toml", "");
    let refused = get("no_key", &empty);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let (_, keys) = said.trim_end().split_once("there are ").expect(&said);
    for key in keys.split(", ") {
        // As it is shipped, it changes nothing.
        assert_eq!(get(key, Path::new(SHIPPED)), get(key, &empty), "{key}");
        // Without its comment sign, the key's line is what holds; the sentence before it explains it.
        let commented = format!("\n#{key} = ");
        let (before, after) = text.split_once(&commented).unwrap_or_else(|| panic!("{key}"));
        assert!(before.lines().last().is_some_and(|line| line.starts_with('#')), "{key}");
        let edited = file("edited.toml", &text.replace(&commented, &format!("\n{key} = ")));
        let shown = get(key, &edited);
        assert!(shown.status.success(), "{key}: {shown:?}");
        let value = after.lines().next().expect("a value").trim_matches(['[', ']', '"']);
        assert_eq!(stdout(&shown).trim_end(), value, "{key}");
    }
    // All at once.
    let all = text.lines().map(|line| match line.strip_prefix('#') {
        Some(bare) if bare.starts_with(|c: char| c.is_ascii_lowercase()) => bare,
        _ => line,
    });
    let all = file("all.toml", &all.collect::<Vec<_>>().join("\n"));
    assert_eq!(stdout(&get("verify", &all)), "true\n");
    assert_eq!(stdout(&get("min_tls_version", &all)), "1.3\n");
}
