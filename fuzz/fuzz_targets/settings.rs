//! The command's configuration file: what is taken is what another reader finds in it, by JSON too; anything
//! else is refused by a message with the file and the key, and without what a key holds that there is not;
//! what is changed and written again means the same. It is the command's own code.

#![no_main]
// Of the command, only `config` is used.
#![allow(dead_code, unused_imports, unreachable_pub)]

#[path = "../../src/bin/cacerts/args.rs"]
mod args;
#[path = "../../src/bin/cacerts/config.rs"]
mod config;
#[path = "../../src/bin/cacerts/failure.rs"]
mod failure;
#[path = "../../src/bin/cacerts/open.rs"]
mod open;
#[path = "../../src/bin/cacerts/output.rs"]
mod output;
#[path = "../../src/shown.rs"]
mod shown;

use args::{Args, Config, Options};
use cacerts::{ErrorKind, Settings};
use clap::Parser;
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use toml::{Table, Value};

/// What somebody may think there is a key for.
const PASSWORD: &str = "password = \"s3cret\"";

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = tempfile::Builder::new().prefix("cacerts-fuzz").tempdir().expect("a directory");
    directory.keep().join("config.toml")
});
static OPTIONS: LazyLock<Options> = LazyLock::new(|| {
    let arguments = [Path::new("cacerts"), Path::new("path"), Path::new("--config"), &FILE];
    Args::parse_from(arguments).options
});

fuzz_target!(|bytes: &[u8]| {
    fs::write(&*FILE, bytes).expect("it is written");
    let text = String::from_utf8_lossy(bytes);
    let table = text.parse::<Table>().ok().filter(|_| text.as_bytes() == bytes);
    let expected = table.as_ref().map(settings);
    let read = config::settings(&OPTIONS);
    match (&expected, &read) {
        (Some(Ok(expected)), Ok(read)) => assert_eq!(meaning(read), meaning(expected)),
        (_, Ok(_)) => panic!("it is taken"),
        (expected, Err(e)) => {
            let said = e.message().expect("there is a message");
            assert!(said.contains(FILE.to_str().unwrap()), "{said}");
            let is_key = table.as_ref().is_none_or(|table| table.contains_key("password"));
            if is_key && text.lines().any(|line| line == PASSWORD) {
                assert!(text.matches("s3cret").count() > 1 || !said.contains("s3cret"), "{said}");
            }
            match expected {
                None => {}
                Some(Ok(_)) => panic!("it is refused: {said}"),
                Some(Err(wrong)) => {
                    assert!(
                        wrong.iter().any(|key| said.contains(key.as_str())),
                        "{said}: {wrong:?}"
                    )
                }
            }
        }
    }
    let Some(table) = table else { return };
    let json = serde_json::to_value(&table).expect("it is a table");
    let by_json = serde_json::from_value::<Settings>(json).ok();
    assert_eq!(by_json.map(|read| meaning(&over(read))), read.as_ref().ok().map(meaning));
    if let Ok(read) = &read {
        is_used(read, &table);
        is_written_again(table);
    }
});

/// As the command puts them together.
fn over(read: Settings) -> Settings {
    OPTIONS.tls.settings().over(read.read_from(&*FILE))
}

fn meaning(settings: &Settings) -> String {
    // Nothing that is set is as good as nothing.
    let nothing = serde_json::from_str("{}").expect("it may be empty");
    let [settings, nothing, none] =
        [settings, &over(nothing), &over(Settings::new())].map(|settings| format!("{settings:?}"));
    if settings == nothing { none } else { settings }
}

/// What a table sets, by calls; or the keys of which it sets none.
fn settings(table: &Table) -> Result<Settings, Vec<&String>> {
    let (mut settings, mut wrong) = (Settings::new(), Vec::new());
    for (key, value) in table {
        settings = match (key.as_str(), value) {
            ("ca_certs", Value::String(path)) => settings.ca_certs(path),
            ("client_cert", Value::String(path)) => settings.client_cert(path),
            ("client_key", Value::String(path)) => settings.client_key(path),
            ("extra_ca_certs", Value::String(path)) => settings.extra_ca_certs(path),
            ("extra_ca_certs", Value::Array(list)) if list.iter().all(Value::is_str) => {
                list.iter().filter_map(Value::as_str).fold(settings, Settings::extra_ca_certs)
            }
            ("verify", Value::Boolean(verify)) => settings.verify(*verify),
            ("min_tls_version", Value::String(text)) if text == "1.2" || text == "1.3" => {
                settings.min_tls_version(text.parse().expect("it is one"))
            }
            _ => {
                wrong.push(key);
                settings
            }
        };
    }
    if wrong.is_empty() { Ok(over(settings)) } else { Err(wrong) }
}

/// A path that may mean another in another directory is an error with the file and the key.
fn is_used(read: &Settings, table: &Table) {
    let path = table.get("ca_certs").and_then(Value::as_str).filter(|path| !path.is_empty());
    let verifies = table.get("verify").and_then(Value::as_bool) != Some(false);
    let is_wrong = |path: &str| !path.starts_with('/') && !path.starts_with("~/");
    match read.resolve() {
        Ok(_) => assert!(!(verifies && path.is_some_and(is_wrong)), "{path:?} is taken"),
        Err(e) if e.kind() == ErrorKind::NoStore => assert_eq!(path, None),
        Err(e) => {
            let said = e.to_string();
            assert!(said.contains(FILE.to_str().unwrap()), "{said}");
            assert!(table.keys().any(|key| said.contains(key)), "{said}");
        }
    }
}

/// `config` changes what it is asked to change.
fn is_written_again(mut table: Table) {
    let is_as = |table: &Table| {
        let read = config::settings(&OPTIONS).ok().expect("it has been written");
        assert_eq!(meaning(&read), meaning(&settings(table).expect("it was right")));
    };
    for (key, new) in [("verify", Value::from(false)), ("min_tls_version", Value::from("1.3"))] {
        let value = new.as_str().map_or_else(|| new.to_string(), str::to_owned);
        let set = Config::Set { key: key.to_owned(), value };
        assert!(config::run(&set, &OPTIONS).is_ok());
        table.insert(key.to_owned(), new);
        is_as(&table);
    }
    // As `config get` prints it.
    let all = config::all(&OPTIONS).ok().expect("it can be read").join("\n");
    fs::write(&*FILE, all).expect("it is written");
    is_as(&table);
    for key in ["ca_certs", "extra_ca_certs", "client_cert", "client_key"] {
        let unset = config::run(&Config::Unset { key: key.to_owned() }, &OPTIONS);
        assert!(unset.is_ok() || !says(table.get(key)));
        table.remove(key);
        is_as(&table);
    }
}

/// Whether that is a path, or some.
fn says(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(path)) => !path.is_empty(),
        Some(Value::Array(list)) => list.iter().any(|path| says(Some(path))),
        _ => false,
    }
}
