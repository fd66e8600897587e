//! Reads one defaults file: the text in, the keys that it sets out, or the first mistake with its
//! line.

use super::{
    DEFAULT_PATH, Error, FILE_VARIABLE, KEYS, PACKAGE, SEARCH_PATHS, SYSTEM_CONFIG,
    TLS_MIN_VERSION, value,
};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// A defaults file: its name for messages, and its text.
pub(crate) struct File {
    name: String,
    text: String,
}

impl File {
    pub(crate) fn new(name: &str, bytes: Vec<u8>) -> Result<Self, Error> {
        match String::from_utf8(bytes) {
            Ok(text) => {
                // Editors on Windows write a byte order mark; it is no part of the first key.
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
                Ok(Self { name: name.to_owned(), text })
            }
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
        self.text[self.line_start(at)..].lines().next().unwrap_or_default()
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |i| i + 1)
    }
}

/// What one file sets; `None` where it says nothing, `Some(None)` where it says `none`.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) file_variable: Option<Option<String>>,
    pub(super) default_path: Option<Option<String>>,
    pub(super) package: Option<Option<String>>,
    pub(super) search_paths: Option<Vec<String>>,
    pub(super) system_config: Option<String>,
    pub(super) tls_min_version: Option<String>,
}

impl Keys {
    pub(super) fn parse(file: &File, windows: bool) -> Result<Self, Error> {
        let (table, errors) = DeTable::parse_recoverable(&file.text);
        if let Some(error) = errors.first() {
            return Err(syntax_error(file, table.get_ref(), error));
        }
        let mut keys = Self::default();
        // In the order of the file, so that the first mistake is the one reported.
        let mut entries: Vec<_> = table.get_ref().iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name = key.get_ref().as_ref();
            let at = key.span().start;
            let value = value.get_ref();
            let named = |why: String| file.error(at, format_args!("{}: {why}", shown(name)));
            if value.is_table() {
                let keys = KEYS.join(", ");
                return Err(named(format!("is a table; allowed are top-level keys only: {keys}")));
            }
            match name {
                FILE_VARIABLE => {
                    keys.file_variable =
                        Some(string(value).and_then(value::variable).map_err(named)?);
                }
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
                SEARCH_PATHS => {
                    let rows = value.as_array().ok_or_else(|| {
                        named(format!("is {}; allowed is {}", a(value), allowed(SEARCH_PATHS)))
                    })?;
                    keys.search_paths = Some(search_paths(file, rows, windows)?);
                }
                SYSTEM_CONFIG => {
                    keys.system_config =
                        Some(string(value).and_then(|v| value::path(v, windows)).map_err(named)?);
                }
                TLS_MIN_VERSION => {
                    keys.tls_min_version =
                        Some(string(value).and_then(value::tls_version).map_err(named)?);
                }
                _ => {
                    let keys = KEYS.join(", ");
                    return Err(named(format!("is not a key of this file; allowed are {keys}")));
                }
            }
        }
        Ok(keys)
    }
}

fn string<'a>(value: &'a DeValue<'_>) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| format!("is {}; allowed is a string in double quotes", a(value)))
}

/// The rows of the search list. The list is long: a mistake is reported on the line of its row.
fn search_paths(file: &File, rows: &DeArray<'_>, windows: bool) -> Result<Vec<String>, Error> {
    let path = |row: &Spanned<DeValue<'_>>| {
        string(row.get_ref()).and_then(|text| value::path(text, windows)).map_err(|why| {
            file.error(row.span().start, format_args!("{SEARCH_PATHS}: a row {why}"))
        })
    };
    let here = |row: &&Spanned<DeValue<'_>>| {
        !row.get_ref().as_str().is_some_and(|text| value::is_elsewhere(text, windows))
    };
    rows.iter().filter(here).map(path).collect()
}

/// The form of a key's value, for messages.
fn allowed(key: &str) -> &'static str {
    match key {
        SEARCH_PATHS => "a list of paths in double quotes, or [] to search nowhere",
        _ => "a string in double quotes, in which a backslash is written twice",
    }
}

/// A key as it may stand in a message: in quotes where it could pass for something else.
fn shown(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { format!("{key:?}") }
}

fn a(value: &DeValue<'_>) -> String {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// Two mistakes are made first, an appended line without quotes and a key that is set twice: they
/// get a message of their own. `table` is what could be read in spite of the error.
fn syntax_error(file: &File, table: &DeTable<'_>, error: &toml::de::Error) -> Error {
    let Range { mut start, end } = error.span().unwrap_or(0..0);
    if start == file.text.len() {
        // What is open at the end of the file: on its last line, not on the one behind it.
        start = file.text.trim_end().len();
    }
    let line = file.line(start);
    let why = error.message();
    let quotes = ['"', '\''];
    if why == "duplicate key" {
        let key = file.text[start..end].trim_matches(quotes);
        // Whatever stands before the second line could be read, so it is there to be asked.
        let before = DeTable::parse(&file.text[..file.line_start(start)]);
        let first = before.as_ref().ok().and_then(|table| table.get_ref().get_key_value(key));
        if let Some((first, _)) = first {
            let first = file.line_number(first.span().start);
            return file.error(
                start,
                format_args!(
                    "{}: is set a second time, first on line {first}; keep one of the two lines",
                    shown(key)
                ),
            );
        }
    }
    // The mistake can stand lines below its key, in a list.
    let around = table.iter().find(|(_, v)| (v.span().start + 1..=v.span().end).contains(&start));
    let (before, value) = line.split_once('=').unwrap_or((line, ""));
    let key = match around {
        Some((key, _)) => key.get_ref().as_ref(),
        None => before.trim().trim_matches(quotes),
    };
    if !KEYS.contains(&key) {
        return file.error(
            start,
            format_args!("{line:?}: {why}; allowed are comments and lines like KEY = \"VALUE\""),
        );
    }
    let value = value.trim();
    let own_line = around.is_none_or(|(key, _)| key.span().start >= file.line_start(start));
    if own_line && !value.is_empty() && !value.starts_with(['"', '\'', '[', '{']) {
        // What was meant: without the comment, and without quotes that are no quotes of TOML.
        let meant = value.split(" #").next().unwrap_or_default();
        let meant = meant.trim_matches(|c: char| c.is_whitespace() || "=\"'“”„‘’".contains(c));
        let (open, close) = if key == SEARCH_PATHS { ("[", "]") } else { ("", "") };
        return file.error(
            start,
            format_args!(
                "{key}: the value has to stand in double quotes, as in {key} = {open}{meant:?}{close}"
            ),
        );
    }
    file.error(start, format_args!("{key}: {why}; allowed is {}", allowed(key)))
}
