//! The command's own configuration: where its files are, how they become settings, and `config`.

use crate::args::{Config, Options};
use crate::failure::Failure;
use crate::open::open;
use crate::output;
use crate::shown;
use cacerts::{Error, ErrorKind, Settings, TlsVersion, TrustStore, defaults};
use std::cmp::Ordering;
use std::fmt::Display;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Value, value};

/// The settings of this run: the arguments, then the configuration files.
pub(crate) fn settings(options: &Options) -> Result<Settings, Failure> {
    let mut settings = options.tls.settings();
    for (file, text) in texts(options)? {
        settings = settings.over(parse(&text, &file)?.read_from(file));
    }
    Ok(settings)
}

/// The configuration files that there are, highest first: the one of `--config`, or the user's and
/// the system's.
fn texts(options: &Options) -> Result<Vec<(PathBuf, String)>, Failure> {
    if let Some(file) = named_file(options) {
        let text = read(&file)?.ok_or_else(|| {
            let file = shown::path(&file);
            Failure::usage(format_args!(
                "--config names {file}, which does not exist; name another or leave it out"
            ))
        })?;
        return Ok(vec![(file, text)]);
    }
    let mut texts = Vec::new();
    for file in files(options) {
        if let Some(text) = read(&file)? {
            texts.push((file, text));
        }
    }
    Ok(texts)
}

/// Where configuration is looked for, highest first, whether there is a file or not.
pub(crate) fn files(options: &Options) -> Vec<PathBuf> {
    match named_file(options) {
        Some(file) => vec![file],
        None => user_file().into_iter().chain([defaults::CACERTS_SYSTEM_CONFIG.into()]).collect(),
    }
}

/// The file of `--config`, absolute as every path of a setting is shown.
fn named_file(options: &Options) -> Option<PathBuf> {
    let file = options.config.as_ref()?;
    Some(std::path::absolute(file).unwrap_or_else(|_| file.clone()))
}

/// The user's file, where there is a user to go by (XDG Base Directory Specification; on Windows where
/// programs keep what is the user's).
fn user_file() -> Option<PathBuf> {
    if cacerts::is_privileged() {
        return None;
    }
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let directory = match cfg!(windows) {
        true => absolute("APPDATA")?,
        false => absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?,
    };
    Some(directory.join("cacerts").join("config.toml"))
}

/// The text of a configuration file; `None` where there is none.
fn read(file: &Path) -> Result<Option<String>, Failure> {
    let cannot = |why: &dyn Display| {
        let file = shown::path(file);
        Failure::usage(format_args!(
            "the configuration file {file} cannot be read: {why}; name another with --config"
        ))
    };
    match text(file) {
        Ok(text) => Ok(Some(text)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(e) => Err(cannot(&e)),
    }
}

/// The text of a regular file. It is looked at before it is opened, because opening a device can do something,
/// and once it is open, because another one may have taken its place.
fn text(file: &Path) -> io::Result<String> {
    let size_of = |metadata: fs::Metadata| match metadata.len() {
        _ if !metadata.is_file() => Err(io::Error::other("it is not a regular file")),
        size if size > MAX_SIZE => Err(io::Error::other("it is too large")),
        size => Ok(size),
    };
    size_of(fs::metadata(file)?)?;
    let file = open(file)?;
    let size = size_of(file.metadata()?)?;
    let mut text = String::new();
    let read = file.take(MAX_SIZE + 1).read_to_string(&mut text)? as u64;
    // What is being written to names something next that would be passed over.
    match read.cmp(&size) {
        Ordering::Equal => Ok(text),
        Ordering::Less => Err(io::Error::other("it ended before its end")),
        Ordering::Greater => Err(io::Error::other("it grew while it was read")),
    }
}

/// Says what is wrong and in which line. Nothing of the file is shown where the process is
/// privileged: it may be none that the caller may read.
fn parse(text: &str, file: &Path) -> Result<Settings, Failure> {
    toml_edit::de::from_str(text).map_err(|e| {
        let at = e.span().map_or(0, |span| span.start);
        let line = text[..at].matches('\n').count() + 1;
        let key = key_at(text, at).or_else(|| {
            let (key, _) = text.lines().nth(line - 1)?.split_once('=')?;
            KEYS.into_iter().find(|known| *known == key.trim())
        });
        let what = match cacerts::is_privileged() {
            true => "is not understood".to_owned(),
            false => e.message().lines().collect::<Vec<_>>().join("; "),
        };
        let key = key.map(|key| format!("{key}: ")).unwrap_or_default();
        Failure::usage(format_args!("{}:{line}: {key}{what}", shown::path(file)))
    })
}

/// The key that is at a place, or whose value is, however it is written: in quotes, as the head of a table. Of
/// what is no TOML it is not known.
fn key_at(text: &str, at: usize) -> Option<&'static str> {
    let document = toml_edit::Document::parse(text).ok()?;
    KEYS.into_iter().find(|key| {
        let Some((key, item)) = document.get_key_value(key) else { return false };
        [key.span(), item.span()].into_iter().flatten().any(|span| span.contains(&at))
    })
}

/// Runs `config`.
pub(crate) fn run(command: &Config, options: &Options) -> Result<(), Failure> {
    match command {
        Config::Get { key: Some(key) } => get(key, options),
        Config::Get { key: None } => get_all(options),
        Config::Set { key, value: text } => {
            check_key(key)?;
            let item = match (key.as_str(), text.as_str()) {
                ("verify", "true") => value(true),
                ("verify", "false") => value(false),
                ("verify", other) => {
                    return Err(Failure::usage(format_args!(
                        "verify: {other:?} is neither true nor false"
                    )));
                }
                (_, text) => value(text),
            };
            if key == "min_tls_version" {
                text.parse::<TlsVersion>()
                    .map_err(|e| Failure::usage(format_args!("{key}: {e}")))?;
            }
            if is_path(key) && !(Path::new(text).is_absolute() || below_home(text).is_some()) {
                return Err(Failure::usage(format_args!(
                    "{key}: {text:?} is neither an absolute path nor one that begins with ~/"
                )));
            }
            edit(options, |document| {
                let mut item = item;
                if let (Some(new), Some(old)) =
                    (item.as_value_mut(), document.get(key).and_then(Item::as_value))
                {
                    // The comment behind the old value.
                    *new.decor_mut() = old.decor().clone();
                }
                document[key] = item;
                try_out(key, text, document)
            })
        }
        Config::Unset { key } => {
            check_key(key)?;
            edit(options, |document| match document.remove(key) {
                Some(_) => Ok(()),
                None => Err(Failure::no(format_args!("{key} is not set"))),
            })
        }
    }
}

/// Tells at once of what cannot be used. What may come right later is a warning: a file that is missing, and
/// a certificate and key, which are set one after the other. A store that is there and is none is an error.
fn try_out(key: &str, text: &str, document: &DocumentMut) -> Result<(), Failure> {
    let warn = |e: Error| output::message(format_args!("warning: {key} is set, but {e}"));
    match key {
        "ca_certs" | "extra_ca_certs" => match TrustStore::load(written(text)) {
            Err(e) if e.kind() == ErrorKind::StoreMissing => warn(e),
            Err(e) => return Err(Failure::usage(format_args!("{key} is not set: {e}"))),
            Ok(_) => {}
        },
        "client_cert" | "client_key" => {
            let path =
                |key| document.get(key)?.as_str().filter(|text| !text.is_empty()).map(written);
            if path("client_cert").is_none() && path("client_key").is_some() {
                output::message("warning: client_key is set, but client_cert is not; set it, too");
                return Ok(());
            }
            // No server is asked for, so no store need be there, and nobody warned of that.
            let mut settings = Settings::new().verify(false);
            settings = path("client_cert").into_iter().fold(settings, Settings::client_cert);
            settings = path("client_key").into_iter().fold(settings, Settings::client_key);
            let level = log::max_level();
            log::set_max_level(log::LevelFilter::Off);
            let made = settings.client_config();
            log::set_max_level(level);
            if let Err(e) = made {
                warn(e);
            }
        }
        _ => {}
    }
    Ok(())
}

/// A path as it is meant in the configuration.
fn written(text: &str) -> PathBuf {
    match (below_home(text), std::env::var_os(HOME)) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => text.into(),
    }
}

/// The rest of a path that begins with `~/`.
fn below_home(text: &str) -> Option<&str> {
    text.strip_prefix('~')?.strip_prefix(std::path::is_separator)
}

/// The variable that says where `~` leads.
const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// The largest configuration file that is read: 1 MiB.
const MAX_SIZE: u64 = 1 << 20;

const KEYS: [&str; 6] =
    ["ca_certs", "extra_ca_certs", "client_cert", "client_key", "verify", "min_tls_version"];

fn check_key(key: &str) -> Result<(), Failure> {
    if KEYS.contains(&key) {
        return Ok(());
    }
    Err(Failure::usage(format_args!("{key:?} is not a key; there are {}", KEYS.join(", "))))
}

fn is_path(key: &str) -> bool {
    !matches!(key, "verify" | "min_tls_version")
}

/// Prints what a key has, each value on a line of its own.
fn get(key: &str, options: &Options) -> Result<(), Failure> {
    check_key(key)?;
    let values = values(key, &documents(options)?);
    if values.is_empty() {
        return Err(Failure::no(format_args!(
            "{key} not found: it is neither configured nor built in"
        )));
    }
    values.iter().try_for_each(|value| output::path(Path::new(&shown(value))))
}

/// Prints what each key has, as it could stand in a file.
fn get_all(options: &Options) -> Result<(), Failure> {
    all(options)?.iter().try_for_each(output::line)
}

/// A line for each key that has a value.
pub(crate) fn all(options: &Options) -> Result<Vec<String>, Failure> {
    let documents = documents(options)?;
    let line = |key| match &values(key, &documents)[..] {
        [] => None,
        [one] => Some(format!("{key} = {one}")),
        several => {
            let list = several.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
            Some(format!("{key} = [{list}]"))
        }
    };
    Ok(KEYS.into_iter().filter_map(line).collect())
}

/// What the first file that sets a key says, else what is built in; of `extra_ca_certs`, which add up, what
/// every file says.
fn values(key: &str, documents: &[DocumentMut]) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for document in documents {
        let values: Vec<_> = match document.get(key).and_then(Item::as_value) {
            None => continue,
            Some(Value::Array(list)) => list.iter().cloned().collect(),
            Some(one) => vec![one.clone()],
        };
        // Empty counts as not set.
        found.extend(values.into_iter().filter(|value| value.as_str() != Some("")));
        if !found.is_empty() && key != "extra_ca_certs" {
            break;
        }
    }
    let built_in = || match key {
        "ca_certs" => defaults::CACERTS_DEFAULT_PATH.map(Value::from),
        "min_tls_version" => Some(defaults::CACERTS_TLS_MIN_VERSION.into()),
        "verify" => Some(true.into()),
        _ => None,
    };
    if found.is_empty() {
        found.extend(built_in());
    }
    // Without the blanks and comments beside it.
    found.iter_mut().for_each(|value| value.decor_mut().clear());
    found
}

/// The configuration files that there are, highest first.
fn documents(options: &Options) -> Result<Vec<DocumentMut>, Failure> {
    let read = |(file, text): (PathBuf, String)| {
        // Read as settings first: a file that is refused there gives no value here.
        let _ = parse(&text, &file)?;
        document(&text, &file)
    };
    texts(options)?.into_iter().map(read).collect()
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string().trim().to_owned(), str::to_owned)
}

fn document(text: &str, file: &Path) -> Result<DocumentMut, Failure> {
    text.parse().map_err(|e: toml_edit::TomlError| {
        Failure::usage(format_args!("{}: {}", shown::path(file), e.message()))
    })
}

/// Changes the user's file, or the one of `--config`, keeping its comments.
fn edit(
    options: &Options,
    change: impl FnOnce(&mut DocumentMut) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let file = named_file(options).or_else(user_file).ok_or_else(|| {
        let directory = if cfg!(windows) { "%APPDATA%" } else { "home directory" };
        Failure::usage(format_args!(
            "there is no {directory} for a configuration file; name one with --config"
        ))
    })?;
    let mut document = document(&read(&file)?.unwrap_or_default(), &file)?;
    change(&mut document)?;
    let text = document.to_string();
    // What would be refused when read is refused now.
    let _ = parse(&text, &file)?;
    write(&file, &text)
        .map_err(|e| Failure::usage(format_args!("{} cannot be written: {e}", shown::path(&file))))
}

/// Replaces the file in one step, so that it is never half there. A link is followed as `get -o` follows it, and a new file
/// is its owner's alone.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let target = output::target(file)?;
    if target != file && !target.exists() {
        return Err(io::Error::other("it is a link that leads nowhere"));
    }
    if let Some(directory) = target.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut new = output::beside(&target, 0o600)?;
    new.write_all(text.as_bytes())?;
    new.persist(&target)?;
    Ok(())
}
