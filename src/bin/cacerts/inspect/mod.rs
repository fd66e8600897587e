//! `inspect`: what finished programs trust, file by file or a whole directory. It uses the library's
//! public API, and no list of roots but the trusted store.
//!
//! `walk` says which files there are, `file` reads each once, `package` what is in a package, `inspection`
//! asks the modules that look for one thing each, `report` says what was found. Files are read by several
//! threads and reported in order.

mod ar;
mod archive;
mod bzip2;
mod counts;
mod cpio;
mod crates;
mod data;
mod depends;
mod elf;
mod file;
mod inspection;
mod kind;
mod links;
mod note;
mod notes;
mod package;
mod parts;
mod paths;
mod pe;
mod pem;
mod program;
mod progress;
mod report;
mod roots;
mod rpm;
mod scan;
mod search;
mod tar;
mod walk;
mod xz;
mod zip;
mod zstd;

use crate::args::{Deny, Inspect, Options};
use crate::config;
use crate::failure::Failure;
use crate::output;
use file::Inspector;
use inspection::Inspection;
use progress::Progress;
use report::{Checks, Form, Report};
use roots::Anchor;
use scan::Scanner;
use std::collections::{BTreeMap, VecDeque};
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
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
        Err(failure) if inspect.deny.contains(&Deny::EmbeddedRoots) => return Err(failure),
        Err(failure) => {
            let why = failure.message().unwrap_or_default();
            output::message(format_args!("warning: roots are looked for as PEM only: {why}"));
            None
        }
    };
    let inspector = Inspector::new(Scanner::new(anchors));
    let walk = Walk::of(&inspect.files);
    let progress = Progress::new(walk.entries.len(), walk.walked);
    let form = match (inspect.json, inspect.json_lines) {
        (true, _) => Form::Json(Vec::new()),
        (_, true) => Form::JsonLines,
        _ => Form::Words,
    };
    let mut report = Report::new(checks, inspector.scanner.store(), form, progress);
    each(&inspector, &walk.entries, &mut report)?;
    report.end(walk.walked)
}

/// For the fuzz target: all that is found out of a file of these bytes, and what is said of it.
#[cfg(fuzzing)]
pub(crate) fn look_at(bytes: &[u8]) {
    use std::sync::LazyLock;
    static INSPECTOR: LazyLock<Inspector> = LazyLock::new(|| Inspector::new(Scanner::new(None)));
    let mut report = Report::silent();
    let mut tell = |name: String, file: Inspection| report.told(&name, &file);
    let inspection = INSPECTOR.content(bytes, &mut tell);
    report.told("", &inspection);
}

/// The path that `--expect` names.
fn expected(inspect: &Inspect) -> Result<Option<&str>, Failure> {
    match inspect.expect.as_deref() {
        Some(path) if path != "none" && !is_absolute(path) => Err(Failure::usage(format_args!(
            "--expect takes an absolute path, or none for nothing baked in, and not '{path}'"
        ))),
        expected => Ok(expected),
    }
}

/// On the system that a program is for, whichever this one is.
fn is_absolute(path: &str) -> bool {
    let of_windows = match path.as_bytes() {
        [drive, b':', separator, ..] => drive.is_ascii_alphabetic() && b"\\/".contains(separator),
        _ => false,
    };
    path.starts_with('/') || of_windows
}

/// The CAs of the store that is trusted.
fn anchors(options: &Options) -> Result<Vec<Anchor>, Failure> {
    let settings = config::settings(options)?;
    if !settings.verifies()? {
        return Err(Failure::usage("verification is off, so there is no store to look for"));
    }
    Ok(Anchor::all(settings.resolve()?.load()?.certificates()))
}

/// What a thread has found out.
enum Message {
    /// Of a file in a package.
    Inside(String, Inspection),
    /// Of all of a file, with how many there are in it of which there is nothing to say.
    Done(Result<Inspection, String>, usize),
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
                    let mut plain = 0;
                    // There may be millions of the plain ones.
                    let mut tell = |name: String, inspection: Inspection| {
                        if inspection.is_plain() {
                            plain += 1;
                        } else {
                            let _ = sender.send((number, Message::Inside(name, inspection)));
                        }
                    };
                    // Whatever a crate that reads a format does with a file, the next one is read.
                    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
                        look(inspector, entry, &mut buffer, &mut tell)
                    }));
                    let outcome = outcome.unwrap_or_else(|_| {
                        buffer = Vec::new();
                        Err("cannot be read, because of a fault in this command".to_owned())
                    });
                    // Where the report has come to an early end, so does this.
                    if sender.send((number, Message::Done(outcome, plain))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting: BTreeMap<usize, VecDeque<Message>> = BTreeMap::new();
        let (mut reported, mut done) = (0, 0);
        for (number, message) in receiver {
            done += usize::from(matches!(message, Message::Done(..)));
            waiting.entry(number).or_default().push_back(message);
            while let Some(message) = waiting.get_mut(&reported).and_then(VecDeque::pop_front) {
                let entry = &entries[reported];
                match message {
                    Message::Inside(name, inspection) => {
                        report.inside(entry, &name, &inspection)?
                    }
                    Message::Done(outcome, plain) => {
                        report.entry(entry, outcome, plain)?;
                        waiting.remove(&reported);
                        reported += 1;
                    }
                }
            }
            report.progress.show(done);
        }
        Ok(())
    })
}

fn look(
    inspector: &Inspector,
    entry: &Entry,
    buffer: &mut Vec<u8>,
    tell: &mut dyn FnMut(String, Inspection),
) -> Result<Inspection, String> {
    match &entry.what {
        What::File => inspector.file(&entry.path, buffer, tell),
        What::Special(why) | What::Error(why) => Err(why.clone()),
    }
}
