//! `list`: the certificates of a store. It may use `store`, `certificates`, `table` and `full`.

use crate::args::{List, Options};
use crate::certificates::{Entry, entries};
use crate::count::many;
use crate::failure::Failure;
use crate::full::in_full;
use crate::output;
use crate::shown::shown;
use crate::store::{self, Store};
use crate::table::{self, Row};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::ErrorKind;
use std::path::{Path, is_separator};

pub(crate) fn list(list: &List, options: &Options) -> Result<(), Failure> {
    let what = list.what.as_deref();
    // A text that is looked for could be a file's name; a path is one.
    let file = what.map(Path::new).filter(|path| path.to_string_lossy().contains(is_separator));
    let store = match file {
        Some(path) if path.symlink_metadata().is_err_and(|e| e.kind() == ErrorKind::NotFound) => {
            return Err(Failure::usage(format_args!(
                "{} does not exist; what has a / in it is a path, and no text that is looked for",
                shown(&path.to_string_lossy())
            )));
        }
        Some(path) => store::named(path, options)?,
        None => store::in_effect(options)?,
    };
    tell_skipped(&store);
    if store.loaded.repeated() > 0 {
        let repeated = store.loaded.repeated();
        output::message(format_args!("certificates that are there once more: {repeated}"));
    }
    let filter = match file {
        Some(_) => Filter::default(),
        None => Filter::of(what.map(|what| what.to_string_lossy().into_owned())),
    };
    let mut entries = entries(&store.loaded);
    let all = entries.len();
    entries.retain(|entry| filter.takes(entry) && list.takes(entry));
    print(&entries, list)?;
    if entries.is_empty() && all > 0 {
        return Err(Failure::no(nothing(list, &filter, all, &store.name)));
    }
    Ok(())
}

/// What is in the files and not in the list.
pub(crate) fn tell_skipped(store: &Store) {
    for skipped in store.loaded.skipped() {
        output::message(format_args!("warning: skipped: {}", shown(&skipped.to_string())));
    }
}

fn print(entries: &[Entry<'_>], list: &List) -> Result<(), Failure> {
    if list.json {
        return output::json(&entries.iter().map(Entry::to_json).collect());
    }
    if list.pem {
        return entries.iter().try_for_each(print_pem);
    }
    if list.full {
        let full: Vec<_> = entries.iter().map(in_full).collect();
        return if full.is_empty() { Ok(()) } else { output::line(full.join("\n\n")) };
    }
    let rows = entries.iter().map(Row::of).collect();
    table::lines(rows, table::width()).into_iter().try_for_each(output::line)
}

/// What is distrusted in the store would be trusted where this is put: PEM has no word for it.
fn print_pem(entry: &Entry<'_>) -> Result<(), Failure> {
    if entry.is_distrusted() {
        let (name, sha256) = (shown(&entry.name()), &entry.sha256);
        output::message(format_args!(
            "warning: left out, because it is distrusted: {name} ({sha256})"
        ));
        return Ok(());
    }
    let base64 = STANDARD.encode(entry.der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for line in base64.as_bytes().chunks(64) {
        pem += &String::from_utf8_lossy(line);
        pem.push('\n');
    }
    output::line(pem + "-----END CERTIFICATE-----")
}

impl List {
    /// What has expired is no longer there at the end of so many days, either; and of what cannot be
    /// parsed nobody knows.
    fn takes(&self, entry: &Entry<'_>) -> bool {
        let Some(days) = self.expires_within else { return true };
        entry.days_left().is_none_or(|left| left < days.into())
    }
}

/// Which certificates are looked for.
#[derive(Default)]
struct Filter {
    text: Option<String>,
    /// The beginning of a fingerprint, in hex.
    fingerprint: Option<String>,
}

impl Filter {
    fn of(text: Option<String>) -> Self {
        let text = text.map(|text| text.to_lowercase());
        let fingerprint = text.as_ref().map(|text| text.replace([':', ' '], ""));
        let fingerprint = fingerprint.filter(|digits| {
            digits.len() >= table::SHORT && digits.bytes().all(|c| c.is_ascii_hexdigit())
        });
        Self { text, fingerprint }
    }

    fn takes(&self, entry: &Entry<'_>) -> bool {
        let Some(text) = &self.text else { return true };
        let is_prefix = |prefix: &String| entry.sha256.starts_with(prefix.as_str());
        self.fingerprint.as_ref().is_some_and(is_prefix)
            || entry.subject().is_some_and(|subject| subject.to_lowercase().contains(text))
            || entry.name().to_lowercase().contains(text)
    }
}

/// What was looked for, where there is none of it.
fn nothing(list: &List, filter: &Filter, all: usize, store: &str) -> String {
    let mut looked_for = Vec::new();
    let mut hint = String::new();
    if let (Some(_), Some(what)) = (&filter.text, &list.what) {
        let text = shown(&what.to_string_lossy());
        looked_for.push(format!("has '{text}' in its name"));
        if Path::new(what).exists() {
            hint = format!("; to list the certificates of the file, write ./{text}");
        }
    }
    if let Some(days) = list.expires_within {
        looked_for.push(format!("expires within {}", many(days, "day")));
    }
    format!(
        "{} has {}, and none that {}{hint}",
        shown(store),
        many(all, "certificate"),
        looked_for.join(" and ")
    )
}
