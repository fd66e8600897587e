//! `defaults` and `explain`: what is built in, and what is trusted, and why.

use crate::failure::Failure;
use crate::output;
use crate::shown;
use cacerts::{Candidate, Error, Outcome, Resolution, Settings, Source, TrustStore, defaults};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn defaults(json: bool) -> Result<(), Failure> {
    let constants = [
        ("CACERTS_DEFAULT_PATH", json!(defaults::CACERTS_DEFAULT_PATH)),
        ("CACERTS_FILE_VARIABLE", json!(defaults::CACERTS_FILE_VARIABLE)),
        ("CACERTS_PACKAGE", json!(defaults::CACERTS_PACKAGE)),
        ("CACERTS_SEARCH_PATHS", json!(defaults::CACERTS_SEARCH_PATHS)),
        ("CACERTS_SYSTEM_CONFIG", json!(defaults::CACERTS_SYSTEM_CONFIG)),
        ("CACERTS_TLS_MIN_VERSION", json!(defaults::CACERTS_TLS_MIN_VERSION)),
    ];
    if json {
        return output::json(&constants.into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
    }
    for (key, value) in constants {
        match value {
            Value::Null => output::line(format_args!("{key}: none"))?,
            Value::Array(values) => {
                output::line(format_args!("{key}:"))?;
                for value in values {
                    output::line(format_args!("    {}", value.as_str().unwrap_or_default()))?;
                }
            }
            value => output::line(format_args!("{key}: {}", value.as_str().unwrap_or_default()))?,
        }
    }
    Ok(())
}

/// One source of the store, as far as it could be loaded.
struct Loaded<'a> {
    source: &'a Source,
    store: Result<TrustStore, Error>,
}

pub(crate) fn explain(settings: &Settings, json: bool) -> Result<(), Failure> {
    let resolution = settings.resolve();
    // One decision, and only where it ended in an error another, for what had been considered.
    let undecided;
    let candidates = match &resolution {
        Ok(resolution) => resolution.candidates(),
        Err(_) => {
            undecided = settings.candidates();
            &undecided
        }
    };
    let verifies = settings.verifies()?;
    let load = |sources: fn(&Resolution) -> &[Source]| -> Vec<Loaded<'_>> {
        let sources = resolution.as_ref().map_or(&[][..], sources).iter();
        // With verification off no trust file is opened, here neither.
        sources.filter(|_| verifies).map(|source| Loaded { source, store: source.load() }).collect()
    };
    let (sources, extra) = (load(Resolution::sources), load(Resolution::extra));
    // Of several that are named not each has to be of use.
    let error = match &resolution {
        Ok(resolution) if verifies => resolution.load().err(),
        Ok(_) => None,
        Err(error) => Some(error.clone()),
    };
    if json {
        let first = sources.iter().find(|loaded| loaded.store.is_ok()).or_else(|| sources.first());
        let first = first.map(Loaded::to_json);
        output::json(&json!({
            "verify": verifies,
            "source": first,
            "sources": sources.iter().map(Loaded::to_json).collect::<Value>(),
            "extra": extra.iter().map(Loaded::to_json).collect::<Value>(),
            "candidates": candidates.iter().map(candidate_to_json).collect::<Value>(),
            "error": error.as_ref().map(Error::to_string),
        }))?;
    } else {
        if !verifies {
            output::line("verification is off: anybody is trusted, and no store is opened")?;
        }
        for loaded in &sources {
            output::line(loaded.in_words("trusted", error.is_none()))?;
        }
        for loaded in &extra {
            output::line(loaded.in_words("and in addition", error.is_none()))?;
        }
        output::line("\nWhere a store can be named, highest first:")?;
        // A search list that does not come into question is one line, not twenty.
        let same = |a: &Candidate, b: &Candidate| {
            a.setting == b.setting
                && a.outcome == b.outcome
                && matches!(a.outcome, Outcome::NotSearched | Outcome::Outranked)
        };
        for group in candidates.chunk_by(same) {
            output::line(candidates_in_words(group))?;
        }
    }
    match error {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

impl Loaded<'_> {
    fn to_json(&self) -> Value {
        let store = self.store.as_ref().ok();
        json!({
            "path": text(self.source.path()),
            "kind": store.map(|store| store.kind().to_string()),
            "origin": self.source.origin().to_string(),
            "setting": self.source.setting(),
            "config": self.source.config().map(text),
            "certificates": store.map(TrustStore::len),
            "repeated": store.map(TrustStore::repeated),
            "skipped": store.map(|store| store.skipped().len()),
            "skipped_entries": store.map_or(&[][..], TrustStore::skipped).iter().map(|skipped| json!({
                "path": text(&skipped.path),
                "line": skipped.line,
                "reason": skipped.reason,
            })).collect::<Value>(),
            "error": self.store.as_ref().err().map(Error::to_string),
        })
    }

    /// What cannot be used is passed over where the whole can.
    fn in_words(&self, trusted: &str, whole_is_usable: bool) -> String {
        let Self { source, store } = self;
        let path = shown::path(source.path());
        let why = format!("named by {} ({})", source.setting(), source.origin());
        match store {
            Ok(store) => {
                let skipped: String =
                    store.skipped().iter().map(|s| format!("\n    skipped {s}")).collect();
                let (kind, count, s) = (store.kind(), store.len(), plural(store.len()));
                let lost = store.skipped().len();
                let repeated = match store.repeated() {
                    0 => String::new(),
                    more => format!(", {more} there once more"),
                };
                format!(
                    "{trusted}: {path}\n    {why}\n    a {kind} with {count} certificate{s}{repeated}, \
                     {lost} skipped{skipped}"
                )
            }
            Err(error) if whole_is_usable => format!("passed over: {path}\n    {error}"),
            Err(_) => format!("{trusted}: {path}\n    {why}\n    cannot be used"),
        }
    }
}

fn candidate_to_json(candidate: &Candidate) -> Value {
    json!({
        "origin": candidate.origin.to_string(),
        "setting": candidate.setting,
        "config": candidate.config.as_deref().map(text),
        "paths": candidate.paths.iter().map(|path| text(path)).collect::<Value>(),
        "chosen": candidate.outcome == Outcome::Chosen,
        "outcome": candidate.outcome.to_string(),
    })
}

fn candidates_in_words(group: &[Candidate]) -> String {
    let Candidate { origin, setting, config, paths, outcome, .. } = &group[0];
    let mark = if *outcome == Outcome::Chosen { '*' } else { ' ' };
    let config =
        config.as_ref().map(|file| format!(" in {}", shown::path(file))).unwrap_or_default();
    let paths = match group.len() {
        1 if paths.is_empty() => String::new(),
        1 => format!(
            " = {}",
            paths.iter().map(|path| shown::path(path)).collect::<Vec<_>>().join(", ")
        ),
        many => format!(" ({many} paths)"),
    };
    format!("{mark} {origin:<11}  {setting}{config}{paths}: {outcome}")
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// JSON is text, so a path that is no UTF-8 is shown with replacement characters.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
