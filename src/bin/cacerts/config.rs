//! The command's own configuration: where its files are, how they become settings, and `config`.

use crate::args::{Config, Options};
use crate::failure::Failure;
use crate::output;
use cacerts::{Settings, defaults};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, value};

/// The settings of this run: the arguments, then the configuration files.
pub(crate) fn settings(options: &Options) -> Result<Settings, Failure> {
    let mut settings = Settings::new().ca_certs_flag("--ca-certs").ca_certs_variable("OS_CACERT");
    if let Some(path) = &options.ca_certs {
        settings = settings.ca_certs(path);
    }
    for path in &options.extra_ca_certs {
        settings = settings.extra_ca_certs(path);
    }
    if let Some(path) = &options.client_cert {
        settings = settings.client_cert(path);
    }
    if let Some(path) = &options.client_key {
        settings = settings.client_key(path);
    }
    if options.insecure {
        settings = settings.verify(false);
    }
    if let Some(version) = options.tls_min {
        settings = settings.min_tls_version(version);
    }
    for file in files(options)? {
        if let Some(text) = read(&file)? {
            settings = settings.over(parse(&text, &file)?.read_from(file));
        }
    }
    Ok(settings)
}

/// The files that count, highest first: the one of `--config`, or the user's and the system's.
fn files(options: &Options) -> Result<Vec<PathBuf>, Failure> {
    if let Some(file) = &options.config {
        if !file.exists() {
            return Err(Failure::usage(format_args!(
                "--config names {}, which does not exist",
                file.display()
            )));
        }
        return Ok(vec![file.clone()]);
    }
    let users = user_file().into_iter();
    Ok(users.chain([PathBuf::from(defaults::CACERTS_SYSTEM_CONFIG)]).collect())
}

/// The user's file, where there is a user to go by (XDG Base Directory Specification).
fn user_file() -> Option<PathBuf> {
    if cacerts::is_privileged() {
        return None;
    }
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let directory =
        absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(directory.join("cacerts/config.toml"))
}

fn read(file: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(e) => {
            let file = file.display();
            Err(Failure::usage(format_args!("the configuration file {file} cannot be read: {e}")))
        }
    }
}

/// Says what is wrong and in which line, but shows nothing of the file: where the process is
/// privileged, it may be none of the caller's.
fn parse(text: &str, file: &Path) -> Result<Settings, Failure> {
    toml_edit::de::from_str(text).map_err(|e| {
        let at = e.span().map_or(0, |span| span.start);
        let line = text[..at].matches('\n').count() + 1;
        let what = e.message().lines().collect::<Vec<_>>().join("; ");
        Failure::usage(format_args!("{}:{line}: {what}", file.display()))
    })
}

/// Runs `config`.
pub(crate) fn run(command: &Config, options: &Options) -> Result<(), Failure> {
    match command {
        Config::Get { key } => get(key, options),
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
            if is_path(key) && !(Path::new(text).is_absolute() || text.starts_with("~/")) {
                return Err(Failure::usage(format_args!(
                    "{key}: {text:?} is neither an absolute path nor one that begins with ~/"
                )));
            }
            edit(options, |document| {
                document[key] = item;
                Ok(())
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

/// Prints what the first file that sets the key says, else what is built in.
fn get(key: &str, options: &Options) -> Result<(), Failure> {
    check_key(key)?;
    for file in files(options)? {
        let Some(text) = read(&file)? else { continue };
        // Read as settings first: a file that is refused there gives no value here.
        let _ = parse(&text, &file)?;
        let document = document(&text, &file)?;
        match document.get(key).and_then(Item::as_value) {
            // Empty counts as not set.
            Some(found) if found.as_str() == Some("") => {}
            Some(found) => {
                let one = std::slice::from_ref(found).iter();
                let many = found.as_array().into_iter().flatten();
                let one = one.filter(|found| !found.is_array());
                for item in one.chain(many) {
                    match item.as_str() {
                        Some(text) => output::line(text)?,
                        None => output::line(item.to_string().trim())?,
                    }
                }
                return Ok(());
            }
            None => {}
        }
    }
    let built_in = match key {
        "ca_certs" => defaults::CACERTS_DEFAULT_PATH,
        "min_tls_version" => Some(defaults::CACERTS_TLS_MIN_VERSION),
        "verify" => Some("true"),
        _ => None,
    };
    match built_in {
        Some(text) => output::line(text),
        None => {
            Err(Failure::no(format_args!("{key} not found: it is neither configured nor built in")))
        }
    }
}

fn document(text: &str, file: &Path) -> Result<DocumentMut, Failure> {
    text.parse().map_err(|e: toml_edit::TomlError| {
        Failure::usage(format_args!("{}: {}", file.display(), e.message()))
    })
}

/// Changes the user's file, or the one of `--config`, keeping its comments.
fn edit(
    options: &Options,
    change: impl FnOnce(&mut DocumentMut) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let file = options.config.clone().or_else(user_file).ok_or_else(|| {
        Failure::usage(
            "there is no home directory for a configuration file; name one with --config",
        )
    })?;
    let mut document = document(&read(&file)?.unwrap_or_default(), &file)?;
    change(&mut document)?;
    let text = document.to_string();
    // What would be refused when read is refused now.
    let _ = parse(&text, &file)?;
    write(&file, &text)
        .map_err(|e| Failure::usage(format_args!("{} cannot be written: {e}", file.display())))
}

/// Writes beside the file and renames, so that it is never half there. A link is followed, and a new
/// file is its owner's alone.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let directory = file.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(directory)?;
    let new = file.with_extension("toml.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut to = options.open(&new)?;
    to.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(&file) {
        to.set_permissions(metadata.permissions())?;
    }
    fs::rename(&new, &file)
}
