//! `explain`: what is trusted, and why. It may use `certificates`, `config`, `place`, `proxy` and `shown`.

use crate::args::Options;
use crate::certificates::{Entry, entries, sha256};
use crate::config;
use crate::count::many;
use crate::failure::Failure;
use crate::output;
use crate::place::{Place, text};
use crate::proxy::Proxies;
use crate::shown::shown;
use cacerts::{
    Candidate, Error, Origin, Outcome, Resolution, Settings, Skipped, Source, TrustStore,
};
use serde_json::{Value, json};
use std::path::Path;

/// One source of the store, as far as it could be loaded.
struct Loaded<'a> {
    source: &'a Source,
    store: Result<TrustStore, Error>,
    place: Place,
}

pub(crate) fn explain(options: &Options, json: bool) -> Result<(), Failure> {
    let settings = config::settings(options)?;
    let resolution = settings.resolve();
    let verifies = settings.verifies()?;
    // With verification off no trust file is opened, here neither.
    let whole = match &resolution {
        Ok(resolution) if verifies => Some(resolution.load()),
        _ => None,
    };
    let load = |sources: fn(&Resolution) -> &[Source]| -> Vec<Loaded<'_>> {
        let sources = resolution.as_ref().map_or(&[][..], sources).iter();
        sources.filter(|_| verifies).map(|source| Loaded::of(source, whole.as_ref())).collect()
    };
    let (sources, extra) = (load(Resolution::sources), load(Resolution::extra));
    // Of several that are named not each has to be of use.
    let error = match (&resolution, whole) {
        (Err(error), _) => Some(error.clone()),
        (Ok(_), whole) => whole.and_then(Result::err),
    };
    let candidates = candidates(&settings, &resolution, &config::files(options));
    let proxies = Proxies::set();
    if json {
        let first = sources.iter().find(|loaded| loaded.store.is_ok()).or_else(|| sources.first());
        let first = first.map(Loaded::to_json);
        output::json(&json!({
            "verify": verifies,
            "source": first,
            "sources": sources.iter().map(Loaded::to_json).collect::<Value>(),
            "extra": extra.iter().map(Loaded::to_json).collect::<Value>(),
            "candidates": candidates.iter().map(Considered::to_json).collect::<Value>(),
            "proxy": proxies.to_json(),
            "error": error.as_ref().map(Error::to_string),
        }))?;
    } else {
        if !verifies {
            output::line("verification is off: anybody is trusted, and no store is opened")?;
        } else if sources.is_empty() {
            output::line("nothing is trusted: there is no store")?;
        }
        for loaded in &sources {
            output::line(loaded.in_words("trusted", error.is_none()))?;
        }
        for loaded in &extra {
            output::line(loaded.in_words("and in addition", error.is_none()))?;
        }
        output::line("\nWhere a store can be named, highest first:")?;
        candidates.iter().map(Considered::in_words).try_for_each(output::line)?;
        output::line("")?;
        proxies.in_words().into_iter().try_for_each(output::line)?;
    }
    match error {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

impl<'a> Loaded<'a> {
    fn of(source: &'a Source, whole: Option<&Result<TrustStore, Error>>) -> Self {
        // What is of no use by itself says why.
        let part = whole.and_then(|whole| whole.as_ref().ok()?.part(source.path()));
        let store = part.map_or_else(|| source.load(), Ok);
        Self { source, store, place: Place::of(source.path()) }
    }

    fn to_json(&self) -> Value {
        let store = self.store.as_ref().ok();
        let entries = store.map(entries);
        let marks = entries.as_deref().map(marks).unwrap_or_default();
        let skipped = store.map(skipped);
        let mut json = json!({
            "path": text(self.source.path()),
            "kind": store.map(|store| store.kind().to_string()),
            "origin": self.source.origin().to_string(),
            "setting": self.source.setting(),
            "config": self.source.config().map(text),
            "total": entries.as_ref().map(Vec::len),
            "certificates": store.map(TrustStore::len),
            "not_ca": store.map(|store| store.not_ca().len()),
            "repeated": store.map(TrustStore::repeated),
            "marks": marks.iter().map(|(mark, count)| json!({
                "mark": mark,
                "count": count,
            })).collect::<Value>(),
            "skipped": skipped.as_ref().map(Vec::len),
            "distrusted": store.map_or(&[][..], TrustStore::distrusted).iter().map(|distrusted| json!({
                "path": text(distrusted.path()),
                "line": distrusted.line(),
                "sha256": sha256(distrusted.certificate()),
            })).collect::<Value>(),
            "skipped_entries": skipped.unwrap_or_default().iter().map(|skipped| json!({
                "path": text(&skipped.path),
                "line": skipped.line,
                "reason": skipped.reason,
            })).collect::<Value>(),
            "error": self.store.as_ref().err().map(Error::to_string),
        });
        self.place.add_to(&mut json);
        json
    }

    /// What cannot be used is passed over where the whole can; and where the whole cannot, nothing is
    /// trusted.
    fn in_words(&self, trusted: &str, whole_is_usable: bool) -> String {
        let Self { source, store, place } = self;
        let file = source.config().map(|file| format!(" in {}", shown(&text(file))));
        let file = file.unwrap_or_default();
        let named = format!("named by {}{file} ({})", source.setting(), source.origin());
        let mut lines = Vec::new();
        let what = match store {
            Ok(store) => {
                lines.push(named);
                lines.extend(contents(store, source));
                if whole_is_usable { trusted } else { "not trusted, because of another one" }
            }
            // It names the setting.
            Err(error) if whole_is_usable => {
                lines.push(shown(&error.to_string()));
                "passed over"
            }
            Err(_) => {
                lines.push(named);
                "cannot be used, so nothing is trusted"
            }
        };
        lines.extend(place.in_words());
        let lines: String = lines.iter().map(|line| format!("\n    {line}")).collect();
        format!("{what}: {}{lines}", shown(&text(source.path())))
    }
}

/// What could not be loaded. What is rejected was not to be loaded, and counts as distrusted.
fn skipped(store: &TrustStore) -> Vec<&Skipped> {
    let is_rejected = |skipped: &Skipped| {
        store
            .distrusted()
            .iter()
            .any(|mark| (mark.path(), Some(mark.line())) == (skipped.path.as_path(), skipped.line))
    };
    store.skipped().iter().filter(|skipped| !is_rejected(skipped)).collect()
}

/// What is in a store.
fn contents(store: &TrustStore, source: &Source) -> Vec<String> {
    let (kind, entries, skipped) = (store.kind(), entries(store), skipped(store));
    let (count, lost) = (many(entries.len(), "certificate"), skipped.len());
    let repeated = match store.repeated() {
        0 => String::new(),
        more => format!(", {more} there once more"),
    };
    let mut lines = vec![format!("a {kind} with {count}{repeated}, {lost} skipped")];
    lines.extend(skipped.iter().map(|skipped| format!("skipped {}", shown(&skipped.to_string()))));
    lines.extend(
        store.distrusted().iter().map(|mark| format!("distrusted: {}", shown(&mark.to_string()))),
    );
    let marks = marks(&entries);
    if !marks.is_empty() {
        let marks: Vec<_> = marks.iter().map(|(mark, count)| format!("{count} {mark}")).collect();
        // Without the argument it is another store that is listed.
        let path = match source.origin() {
            Origin::Argument => format!(" {}", shown(&text(source.path()))),
            _ => String::new(),
        };
        lines.push(format!("of these, {}: see `cacerts list{path}`", marks.join(", ")));
    }
    lines
}

/// How many certificates have something that is not usual about them, in the order in which it came.
fn marks(entries: &[Entry<'_>]) -> Vec<(&'static str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for mark in entries.iter().flat_map(|entry| &entry.marks) {
        match counts.iter_mut().find(|(word, _)| *word == mark.word) {
            Some((_, count)) => *count += 1,
            None => counts.push((mark.word, 1)),
        }
    }
    counts
}

/// A place where a store can be named, and what became of it.
struct Considered {
    origin: Origin,
    setting: String,
    config: Option<String>,
    paths: Vec<String>,
    is_chosen: bool,
    outcome: String,
}

/// All of them, highest first. The library knows no configuration file that is not there, and of a search
/// list that does not come into question it tells path by path.
fn candidates(
    settings: &Settings,
    resolution: &Result<Resolution, Error>,
    files: &[impl AsRef<Path>],
) -> Vec<Considered> {
    // One decision, and only where it ended in an error another, for what had been considered.
    let undecided;
    let candidates = match resolution {
        Ok(resolution) => resolution.candidates(),
        Err(_) => {
            undecided = settings.candidates();
            &undecided
        }
    };
    let same = |a: &Candidate, b: &Candidate| {
        a.setting == b.setting
            && a.outcome == b.outcome
            && matches!(a.outcome, Outcome::NotSearched | Outcome::Outranked)
    };
    let groups = candidates.chunk_by(same).map(Considered::of);
    let (configs, mut others): (Vec<_>, Vec<_>) = groups.partition(|c| c.origin == Origin::Config);
    let below = others.iter().position(|c| matches!(c.origin, Origin::BuiltIn | Origin::Search));
    let mut configs = configs.into_iter().peekable();
    let configs = files.iter().map(|file| {
        let file = text(file.as_ref());
        let is_there = |c: &Considered| c.config.as_ref() == Some(&file);
        configs.next_if(is_there).unwrap_or_else(|| Considered::without_file(file))
    });
    let configs: Vec<_> = configs.collect();
    let below = below.unwrap_or(others.len());
    others.splice(below..below, configs);
    others
}

impl Considered {
    fn of(group: &[Candidate]) -> Self {
        let Candidate { origin, setting, config, outcome, .. } = &group[0];
        Self {
            origin: *origin,
            setting: setting.clone(),
            config: config.as_deref().map(text),
            paths: group.iter().flat_map(|one| &one.paths).map(|path| text(path)).collect(),
            is_chosen: *outcome == Outcome::Chosen,
            outcome: outcome.to_string(),
        }
    }

    fn without_file(file: String) -> Self {
        Self {
            origin: Origin::Config,
            setting: "ca_certs".to_owned(),
            config: Some(file),
            paths: Vec::new(),
            is_chosen: false,
            outcome: "not set, there is no such file".to_owned(),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "origin": self.origin.to_string(),
            "setting": self.setting,
            "config": self.config,
            "paths": self.paths,
            "chosen": self.is_chosen,
            "outcome": self.outcome,
        })
    }

    fn in_words(&self) -> String {
        let Self { origin, setting, config, paths, is_chosen, outcome } = self;
        let mark = if *is_chosen { '*' } else { ' ' };
        let config = config.as_ref().map(|file| format!(" in {}", shown(file)));
        let config = config.unwrap_or_default();
        let paths = match paths.len() {
            0 => String::new(),
            many if *origin == Origin::Search && many > 1 => format!(" ({many} paths)"),
            _ => format!(" = {}", paths.iter().map(|p| shown(p)).collect::<Vec<_>>().join(", ")),
        };
        format!("{mark} {origin:<11}  {setting}{config}{paths}: {outcome}")
    }
}
