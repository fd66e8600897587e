//! `diff`: what one store has and the other has not. It may use `store`, `certificates` and `table`.

use crate::args::{Diff, Options};
use crate::certificates::{Entry, entries};
use crate::count::many;
use crate::failure::Failure;
use crate::list::tell_skipped;
use crate::output;
use crate::shown::shown;
use crate::store::{self, Store};
use crate::table::{self, Row};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use x509_cert::der::Encode;

pub(crate) fn diff(diff: &Diff, options: &Options) -> Result<(), Failure> {
    // As for the program of that name, 1 is an answer: whatever is in its way is another number.
    let (first, second) = stores(diff, options).map_err(|failure| match failure {
        Failure::No(Some(message)) => Failure::Usage(Some(message)),
        other => other,
    })?;
    tell_skipped(&first);
    tell_skipped(&second);
    let (old, new) = (entries(&first.loaded), entries(&second.loaded));
    let difference = Difference::of(&old, &new);
    if diff.json {
        output::json(&json!({
            "first": first.name,
            "second": second.name,
            "removed": difference.removed.iter().map(|entry| entry.to_json()).collect::<Value>(),
            "added": difference.added.iter().map(|entry| entry.to_json()).collect::<Value>(),
            "renewed": difference.renewed.iter().map(|(old, new)| json!({
                "old": old.to_json(),
                "new": new.to_json(),
            })).collect::<Value>(),
        }))?;
    } else if !difference.is_empty() {
        for (sign, store, entries) in [("---", &first, &old), ("+++", &second, &new)] {
            let count = many(entries.len(), "certificate");
            output::line(format_args!("{sign} {} ({count})", shown(&store.name)))?;
        }
        difference.print()?;
    }
    if difference.is_empty() { Ok(()) } else { Err(Failure::No(None)) }
}

/// The two that are compared.
fn stores(diff: &Diff, options: &Options) -> Result<(Store, Store), Failure> {
    match &diff.second {
        Some(second) => {
            let first = store::named(&diff.first, options)?;
            Ok((first, store::named(second, options)?))
        }
        None => Ok((store::load(&diff.first)?, store::in_effect(options)?)),
    }
}

/// What has to be done to a store to make the other one of it.
struct Difference<'a> {
    removed: Vec<&'a Entry<'a>>,
    added: Vec<&'a Entry<'a>>,
    /// The same subject and key in another certificate.
    renewed: Vec<(&'a Entry<'a>, &'a Entry<'a>)>,
}

impl<'a> Difference<'a> {
    fn of(old: &'a [Entry<'a>], new: &'a [Entry<'a>]) -> Self {
        let (mut added, mut waiting) = (without(new, old), HashMap::<_, Vec<_>>::new());
        for entry in &added {
            if let Some(owner) = owner(entry) {
                waiting.entry(owner).or_default().push(*entry);
            }
        }
        let (mut removed, mut renewed) = (Vec::new(), Vec::new());
        for entry in without(old, new) {
            let others = owner(entry).and_then(|owner| waiting.get_mut(&owner));
            // One that is only trusted otherwise is the same one.
            let other = others.and_then(|others| {
                let place = others.iter().position(|other| other.sha256 != entry.sha256)?;
                Some(others.remove(place))
            });
            match other {
                Some(other) => {
                    added.retain(|entry| !std::ptr::eq(*entry, other));
                    renewed.push((entry, other));
                }
                None => removed.push(entry),
            }
        }
        Self { removed, added, renewed }
    }

    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty() && self.renewed.is_empty()
    }

    fn print(&self) -> Result<(), Failure> {
        let (mut signs, mut rows) = (Vec::new(), Vec::new());
        let mut row = |sign, row| {
            signs.push(sign);
            rows.push(row);
        };
        self.removed.iter().for_each(|entry| row("- ", Row::of(entry)));
        self.added.iter().for_each(|entry| row("+ ", Row::of(entry)));
        for (old, new) in &self.renewed {
            row("- ", Row::of(old).marked("renewed"));
            row("+ ", Row::of(new).marked("renewed"));
        }
        let width = table::width().map(|width| width.saturating_sub(2));
        if width.is_some() {
            signs.insert(0, "  ");
        }
        let lines = signs.into_iter().zip(table::lines(rows, width));
        lines.map(|(sign, line)| format!("{sign}{line}")).try_for_each(output::line)
    }
}

/// What is in the one and not in the other, or is trusted in one of them only.
fn without<'a>(these: &'a [Entry<'a>], those: &[Entry<'_>]) -> Vec<&'a Entry<'a>> {
    let known: HashSet<_> = those.iter().map(|e| (e.sha256.as_str(), e.is_distrusted())).collect();
    these.iter().filter(|e| !known.contains(&(e.sha256.as_str(), e.is_distrusted()))).collect()
}

/// Whose certificate it is: the subject and the key.
fn owner(entry: &Entry<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let tbs = &entry.parsed.as_ref()?.tbs_certificate;
    Some((tbs.subject.to_der().ok()?, tbs.subject_public_key_info.to_der().ok()?))
}
