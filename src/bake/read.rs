//! Reads one defaults file: the text in, the keys that it sets out, or the first mistake with its
//! line.

use super::{
    DEFAULT_PATH, Error, KEYS, PACKAGE, SEARCH_PATHS, SYSTEM_CONFIG, TLS_MIN_VERSION, value,
};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A defaults file: its name for messages, and its text.
pub(crate) struct File {
    name: String,
    text: String,
}

impl File {
    pub(crate) fn new(name: &str, bytes: Vec<u8>) -> Result<Self, Error> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name: name.to_owned(), text }),
            Err(e) => {
                let good = &e.as_bytes()[..e.utf8_error().valid_up_to()];
                let line = good.iter().filter(|&&b| b == b'\n').count() + 1;
                Err(Error::new(
                    format_args!("{name}:{line}"),
                    "is not UTF-8; save the file as UTF-8",
                ))
            }
        }
    }

    fn error(&self, at: usize, what: impl std::fmt::Display) -> Error {
        Error::new(format_args!("{}:{}", self.name, self.line_number(at)), what)
    }

    fn line_number(&self, at: usize) -> usize {
        self.text.as_bytes()[..at].iter().filter(|&&b| b == b'\n').count() + 1
    }

    /// The whole line around a position.
    fn line(&self, at: usize) -> &str {
        let start = self.text[..at].rfind('\n').map_or(0, |i| i + 1);
        self.text[start..].lines().next().unwrap_or_default()
    }
}

/// What one file sets; `None` where it says nothing, `Some(None)` where it says `none`.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) default_path: Option<Option<String>>,
    pub(super) package: Option<Option<String>>,
    pub(super) search_paths: Option<Vec<String>>,
    pub(super) system_config: Option<String>,
    pub(super) tls_min_version: Option<String>,
}

impl Keys {
    pub(super) fn parse(file: &File, windows: bool) -> Result<Self, Error> {
        let table = DeTable::parse(&file.text).map_err(|e| syntax_error(file, &e))?;
        let mut keys = Self::default();
        // In the order of the file, so that the first mistake is the one reported.
        let mut entries: Vec<_> = table.get_ref().iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name = key.get_ref().as_ref();
            let at = key.span().start;
            if value.get_ref().is_table() {
                return Err(file.error(
                    at,
                    format_args!(
                        "{name}: is a table; allowed are top-level keys only: {}",
                        KEYS.join(", ")
                    ),
                ));
            }
            let named = |why: String| file.error(at, format_args!("{name}: {why}"));
            let value = value.get_ref();
            match name {
                DEFAULT_PATH => {
                    keys.default_path = Some(
                        string(value)
                            .and_then(|v| value::path_or_none(v, windows))
                            .map_err(named)?,
                    );
                }
                PACKAGE => {
                    keys.package = Some(string(value).and_then(value::package).map_err(named)?);
                }
                SEARCH_PATHS => keys.search_paths = Some(paths(value, windows).map_err(named)?),
                SYSTEM_CONFIG => {
                    keys.system_config =
                        Some(string(value).and_then(|v| value::path(v, windows)).map_err(named)?);
                }
                TLS_MIN_VERSION => {
                    keys.tls_min_version =
                        Some(string(value).and_then(value::tls_version).map_err(named)?);
                }
                _ => {
                    return Err(file.error(
                        at,
                        format_args!(
                            "{name}: is not a key of this file; allowed are {}",
                            KEYS.join(", ")
                        ),
                    ));
                }
            }
        }
        Ok(keys)
    }
}

fn string<'a>(value: &'a DeValue<'_>) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| format!("is {}; allowed is a string in double quotes", a(value)))
}

fn paths(value: &DeValue<'_>, windows: bool) -> Result<Vec<String>, String> {
    let list = value.as_array().ok_or_else(|| {
        format!("is {}; allowed is a list of paths, or [] to search nowhere", a(value))
    })?;
    list.iter().map(|item| value::path(string(item.get_ref())?, windows)).collect()
}

fn a(value: &DeValue<'_>) -> String {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// Two mistakes are made first, an appended line without quotes and a key that is set twice: they
/// get a message of their own.
fn syntax_error(file: &File, error: &toml::de::Error) -> Error {
    let Range { start, .. } = error.span().unwrap_or(0..0);
    let line = file.line(start);
    let key = line.split('=').next().unwrap_or_default().trim();
    if error.message() == "duplicate key" {
        let first = file.text.lines().position(|l| sets(l, key)).map_or(0, |i| i + 1);
        return file.error(
            start,
            format_args!(
                "{key}: is set a second time, first on line {first}; keep one of the two lines"
            ),
        );
    }
    let value = line.split_once('=').map(|(_, value)| value.trim());
    match value {
        Some(value) if KEYS.contains(&key) && !value.starts_with(['"', '\'', '[', '{']) => file
            .error(
                start,
                format_args!(
                    "{key}: the value has to stand in double quotes, as in {key} = {value:?}"
                ),
            ),
        _ if KEYS.contains(&key) => file.error(start, format_args!("{key}: {}", error.message())),
        _ => file.error(
            start,
            format_args!(
                "{line:?}: {}; allowed are comments and lines like KEY = \"VALUE\"",
                error.message()
            ),
        ),
    }
}

fn sets(line: &str, key: &str) -> bool {
    line.split_once('=').is_some_and(|(before, _)| before.trim() == key)
}
