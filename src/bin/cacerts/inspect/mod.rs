//! `inspect`: what finished programs trust, file by file or a whole directory. It uses the library's
//! public API, and no list of roots but the trusted store.
//!
//! `walk` says which files there are, `file` reads each once and asks the modules that look for one
//! thing each, `report` says what was found. Files are read by several threads and reported in order.

mod elf;
mod file;
mod kind;
mod links;
mod note;
mod notes;
mod parts;
mod paths;
mod pem;
mod progress;
mod report;
mod roots;
mod scan;
mod search;
mod walk;

use crate::args::{Inspect, Options};
use crate::config;
use crate::failure::Failure;
use crate::output;
use file::{Inspection, Inspector};
use progress::Progress;
use report::{Checks, Report};
use roots::Anchor;
use scan::Scanner;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use walk::{Entry, Walk, What};

/// From memory two read as fast as it goes, and more while a disk is waited for.
const MOST_THREADS: usize = 4;

pub(crate) fn inspect(inspect: &Inspect, options: &Options) -> Result<(), Failure> {
    let checks = Checks { expect: expected(inspect)?, deny: &inspect.deny };
    let anchors = match anchors(options) {
        Ok(anchors) => Some(anchors),
        // Without the store the answer would be a guess.
        Err(failure) if !inspect.deny.is_empty() => return Err(failure),
        Err(failure) => {
            let why = failure.message().unwrap_or_default();
            output::message(format_args!("warning: roots are looked for as PEM only: {why}"));
            None
        }
    };
    let inspector = Inspector::new(Scanner::new(anchors));
    let walk = Walk::of(&inspect.files);
    let progress = Progress::new(walk.entries.len(), walk.walked);
    let mut report = Report::new(checks, inspector.scanner.store(), inspect.json, progress);
    each(&inspector, &walk.entries, &mut report)?;
    report.end(walk.walked)
}

/// The path that `--expect` names.
fn expected(inspect: &Inspect) -> Result<Option<&str>, Failure> {
    match inspect.expect.as_deref() {
        Some(path)
            if path != "none" && !Path::new(path).is_absolute() && !path.starts_with('/') =>
        {
            Err(Failure::usage(format_args!(
                "--expect takes an absolute path, or none for nothing baked in, and not '{path}'"
            )))
        }
        expected => Ok(expected),
    }
}

/// The CAs of the store that is trusted.
fn anchors(options: &Options) -> Result<Vec<Anchor>, Failure> {
    let settings = config::settings(options)?;
    if !settings.verifies()? {
        return Err(Failure::usage("verification is off, so there is no store to look for"));
    }
    Ok(Anchor::all(settings.resolve()?.load()?.certificates()))
}

/// Looks at each, in several threads, and reports in order.
fn each(inspector: &Inspector, entries: &[Entry], report: &mut Report<'_>) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads.min(MOST_THREADS).min(entries.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                let mut buffer = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(entry) = entries.get(number) else { break };
                    let outcome = look(inspector, entry, &mut buffer);
                    // Where the report has come to an early end, so does this.
                    if sender.send((number, outcome)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let (mut waiting, mut reported) = (BTreeMap::new(), 0);
        for (done, (number, outcome)) in receiver.into_iter().enumerate() {
            waiting.insert(number, outcome);
            while let Some(outcome) = waiting.remove(&reported) {
                report.entry(&entries[reported], outcome)?;
                reported += 1;
            }
            report.progress.show(done + 1);
        }
        Ok(())
    })
}

fn look(inspector: &Inspector, entry: &Entry, buffer: &mut Vec<u8>) -> Result<Inspection, String> {
    match &entry.what {
        What::File => inspector.file(&entry.path, buffer),
        What::Special(why) | What::Error(why) => Err(why.clone()),
    }
}
