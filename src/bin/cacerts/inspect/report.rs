//! What is said of each file, and whether that is a yes or a no. It may use all that looks at files.

use super::counts::Counts;
use super::crates;
use super::inspection::{Inspection, Unseen};
use super::kind::Kind;
use super::links::{self, OPENSSL};
use super::progress::Progress;
use super::walk::{Entry, What};
use crate::args::Deny;
use crate::count::many;
use crate::failure::Failure;
use crate::output;
use crate::shown;
use cacerts::TrustStore;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::mem;
use std::path::Path;

/// So many paths are named in a line; JSON has all of them.
const PATHS: usize = 3;

/// So many stores are kept of what is in a package, more than any trusts.
const PROVIDERS: usize = 1024;

/// What the files are held to.
pub(crate) struct Checks<'a> {
    /// The path that has to be baked in; `none` where nothing may be.
    pub(crate) expect: Option<&'a str>,
    pub(crate) deny: &'a [Deny],
}

/// What is printed.
pub(crate) enum Form {
    Words,
    /// In the end, all of it.
    Json(Vec<Value>),
    /// While it goes.
    JsonLines,
}

pub(crate) struct Report<'a> {
    checks: Checks<'a>,
    /// How many CAs the store has, if there is one.
    store: Option<usize>,
    pub(crate) progress: Progress,
    form: Form,
    counts: Counts,
    /// How many files with a note there have been in the package that is being told of.
    noted_inside: usize,
    /// The stores that are trusted in it, each with the archive in it where that is (its name and `!`), and
    /// with the package that provides it.
    providers: BTreeSet<(String, String, String)>,
    all: bool,
}

/// What something is said of.
struct Subject {
    path: String,
    /// The path in one line.
    name: String,
    /// Whether it was named itself, and not come upon.
    named: bool,
}

impl<'a> Report<'a> {
    pub(crate) fn new(
        checks: Checks<'a>,
        store: Option<usize>,
        form: Form,
        progress: Progress,
    ) -> Self {
        let counts = Counts::default();
        Self {
            checks,
            store,
            progress,
            form,
            counts,
            noted_inside: 0,
            providers: BTreeSet::new(),
            all: true,
        }
    }

    /// For the fuzz target: one that prints nothing.
    #[cfg(fuzzing)]
    pub(crate) fn silent() -> Report<'static> {
        let checks = Checks { expect: None, deny: &[] };
        Report::new(checks, None, Form::Words, Progress::new(0, false))
    }

    /// For the fuzz target: what is said of a file is put together, and is no longer than it may be.
    #[cfg(fuzzing)]
    pub(crate) fn told(&mut self, name: &str, file: &Inspection) {
        const LONGEST: usize = 16 << 10;
        let words = self.in_words(file, true, paths_in_words(file));
        let length = words.unwrap_or_default().len() + file.error.as_ref().map_or(0, String::len);
        assert!(length < LONGEST, "{length} bytes are said of {name}");
    }

    pub(crate) fn entry(
        &mut self,
        entry: &Entry,
        outcome: Result<Inspection, String>,
        plain: usize,
    ) -> Result<(), Failure> {
        self.counts.files += plain;
        let subject = Subject::new(entry.path.to_string_lossy().into_owned(), entry.named);
        match outcome {
            Ok(file) => {
                self.file(&subject, &file)?;
                self.depends(&subject, &file, "");
            }
            Err(why) => {
                let special = matches!(entry.what, What::Special(_));
                self.unread(&subject, special, &why)?;
            }
        }
        self.noted_inside = 0;
        self.providers.clear();
        Ok(())
    }

    /// A file in a package, whose own turn is after all of its files.
    pub(crate) fn inside(
        &mut self,
        package: &Entry,
        name: &str,
        file: &Inspection,
    ) -> Result<(), Failure> {
        self.noted_inside += usize::from(!file.notes.is_empty());
        if let Some((path, package)) =
            file.notes.provider().filter(|_| self.providers.len() < PROVIDERS)
        {
            let archive = &name[..name.rfind('!').map_or(0, |end| end + 1)];
            self.providers.insert((archive.to_owned(), path.to_owned(), package.to_owned()));
        }
        let path = format!("{}!{name}", package.path.to_string_lossy());
        let subject = Subject::new(path, false);
        self.file(&subject, file)?;
        if file.files.is_some() {
            self.depends(&subject, file, &format!("{name}!"));
        }
        Ok(())
    }

    /// Says so where a package does not depend on what provides the store that is trusted in it, whose
    /// files have names that begin like this.
    fn depends(&mut self, subject: &Subject, package: &Inspection, begin: &str) {
        // Arch's and Alpine's are no kinds of their own; they tell at least of themselves.
        if !matches!(package.kind, Kind::Deb | Kind::Rpm) && package.depends.is_empty() {
            return;
        }
        let (own, others) = mem::take(&mut self.providers)
            .into_iter()
            .partition::<BTreeSet<_>, _>(|(archive, ..)| archive.starts_with(begin));
        self.providers = others;
        let own: BTreeSet<_> =
            own.into_iter().map(|(_, path, provider)| (path, provider)).collect();
        for (path, provider) in own.into_iter().filter(|_| package.error.is_none()) {
            if ![&path, &provider].iter().any(|one| package.depends.contains(*one)) {
                let (name, provider) = (&subject.name, provider.escape_debug());
                self.message(format_args!(
                    "warning: {name} does not depend on {provider}, which provides {path}: without it \
                     the program trusts nobody"
                ));
            }
        }
    }

    /// A file that was read.
    fn file(&mut self, subject: &Subject, file: &Inspection) -> Result<(), Failure> {
        let Subject { path, name, named } = subject;
        let is_list = file.scan.roots.is_list(self.store);
        let paths = paths_in_words(file);
        let unseen = file.unseen();
        self.counts.file(file, is_list == Some(true), paths.is_some());
        let mut words = self.in_words(file, *named, paths);
        if *named && file.kind == Kind::Text && TrustStore::load(path).is_ok() {
            let list = "a certificate file, which `cacerts list PATH` shows";
            words = words.map(|words| words.replacen(&file.kind.to_string(), list, 1));
        }
        let is_guessing = file.is_guessing();
        if !matches!(self.form, Form::Words) {
            if *named || file.kind.has_notes() || words.is_some() {
                let error = file.error.as_ref().map(|why| format!("{name} {why}"));
                self.json(json!({
                    "path": path,
                    "kind": file.kind.word(),
                    "cacerts": file.notes.constants.as_ref().map(|constants| &constants.0),
                    "drop_ins": file.notes.drop_ins_to_json(),
                    "embedded_roots": file.scan.roots.to_json(self.store),
                    "bundle_paths": file.scan.paths,
                    "guesses": file.scan.guesses,
                    "guessing": is_guessing,
                    "crates": file.scan.crates.iter().map(|(name, version)| {
                        json!({ "name": name, "version": version })
                    }).collect::<Value>(),
                    "links": file.links,
                    "contains": contains(file),
                    "files": file.files,
                    "unseen": unseen.as_ref().map(|unseen| &unseen.what),
                    "error": error,
                }))?;
            }
        } else if let (Some(words), None) = (words, &file.error) {
            self.progress.clear();
            output::line(format_args!("{name}: {words}"))?;
        }
        match (&file.error, unseen) {
            (Some(why), _) => self.error(name, why),
            (None, Some(unseen)) => self.unseen(name, *named, &unseen),
            (None, None) => self.check(name, *named, file),
        }
        if is_list == Some(true) && self.checks.deny.contains(&Deny::EmbeddedRoots) {
            self.no(format_args!("{name} embeds roots, which --deny embedded-roots forbids"));
        }
        if is_guessing && self.checks.deny.contains(&Deny::Guessing) {
            self.no(format_args!(
                "{name} guesses where the store is, which --deny guessing forbids"
            ));
        }
        Ok(())
    }

    /// Something that was not read, for a reason that is the end of a sentence. What is named is to be
    /// read; a FIFO that is come upon has nothing to say.
    fn unread(&mut self, subject: &Subject, special: bool, why: &str) -> Result<(), Failure> {
        let Subject { path, name, named } = subject;
        if !matches!(self.form, Form::Words) {
            self.json(json!({
                "path": path, "kind": null, "cacerts": null, "drop_ins": null,
                "embedded_roots": null, "bundle_paths": null, "guesses": null, "guessing": null,
                "crates": null, "links": null,
                "contains": null, "files": null, "unseen": null, "error": format!("{name} {why}"),
            }))?;
        }
        if special && !named {
            self.counts.special += 1;
            self.message(format_args!("{name} {why}"));
        } else {
            self.error(name, why);
        }
        Ok(())
    }

    /// Prints what is left to print, and tells the answer.
    pub(crate) fn end(mut self, summary: bool) -> Result<(), Failure> {
        self.progress.clear();
        if let Form::Json(json) = self.form {
            output::json(&json.into())?;
        }
        if summary {
            for line in self.counts.kinds_in_words() {
                output::message(line);
            }
            output::message(self.counts.in_words());
        }
        if self.all { Ok(()) } else { Err(Failure::No(None)) }
    }

    /// What cannot be looked into does not pass. That is said of programs and packages; what else is
    /// compressed, such as documentation, is only counted below a directory.
    fn unseen(&mut self, name: &str, named: bool, unseen: &Unseen) {
        if self.checks.expect.is_none() && self.checks.deny.is_empty() {
            self.all &= !named;
        } else if named || unseen.is_program {
            self.no(format_args!("{name} cannot be checked: it is {}", unseen.what));
        }
    }

    fn check(&mut self, name: &str, named: bool, file: &Inspection) {
        let notes = &file.notes;
        let has_none = notes.is_empty() && self.noted_inside == 0;
        match self.checks.expect {
            // Below a directory it may be anything. A file that was named is to have one, unless it was
            // asked for something else.
            _ if has_none && !named => {}
            Some(path) if has_none => {
                self.no(format_args!("{name} has no cacerts note, where --expect wants {path}"));
            }
            // Of a package, what is in it was asked.
            Some(_) if notes.is_empty() => {}
            Some(path) if notes.path().unwrap_or("none") != path => {
                let words = notes.path_in_words();
                self.no(format_args!("{name} {words}, where --expect wants {path}"));
            }
            None if has_none && self.checks.deny.is_empty() => self.all = false,
            _ => {}
        }
    }

    /// Prints it, or keeps it for the end.
    fn json(&mut self, value: Value) -> Result<(), Failure> {
        match &mut self.form {
            Form::Words => {}
            Form::Json(all) => all.push(value),
            Form::JsonLines => {
                self.progress.clear();
                output::line(value)?;
            }
        }
        Ok(())
    }

    fn no(&mut self, why: impl std::fmt::Display) {
        self.all = false;
        self.message(why);
    }

    fn message(&mut self, text: impl std::fmt::Display) {
        self.progress.clear();
        output::message(text);
    }

    fn error(&mut self, name: &str, why: &str) {
        self.counts.errors += 1;
        self.no(format_args!("{name} {why}"));
    }

    /// `None` where there is nothing to be said of a file that was come upon.
    fn in_words(&self, file: &Inspection, named: bool, paths: Option<String>) -> Option<String> {
        let mut words = Vec::new();
        let contains = contains(file);
        let has_openssl = file.links.contains_key(OPENSSL) || contains.contains(&OPENSSL);
        match file.notes.in_words(has_openssl) {
            Some(notes) => words.push(notes),
            None => match (file.unseen(), file.files) {
                (Some(unseen), _) if named || unseen.is_program => words.push(unseen.what),
                _ if !named => {}
                (_, Some(files)) => {
                    words.push(format!("{}, with {} in it", file.kind, many(files, "file")));
                }
                _ if file.kind.has_notes() => words.push("no cacerts note".to_owned()),
                _ => words.push(file.kind.to_string()),
            },
        }
        words.extend(file.scan.roots.in_words(self.store));
        words.extend(paths);
        words.extend(links::in_words(&file.links, !file.notes.is_empty()));
        words.extend(contains.iter().map(|library| format!("contains {library}")));
        words.extend(crates::in_words(&file.scan.crates));
        (!words.is_empty()).then(|| words.join("; "))
    }
}

/// The paths other than those in the note, which are there because of it.
fn paths_in_words(file: &Inspection) -> Option<String> {
    let baked: BTreeSet<_> = file.notes.search_paths().chain(file.notes.path()).collect();
    let paths: Vec<_> = file.scan.paths.iter().map(String::as_str).collect();
    let mut paths: Vec<_> = paths.into_iter().filter(|path| !baked.contains(path)).collect();
    let more = paths.len().saturating_sub(PATHS);
    paths.truncate(PATHS);
    let shown = paths.join(", ");
    let verb = match file.scan.guesses {
        Some(whose) => format!("guesses by the list of {whose}:"),
        None => "names".to_owned(),
    };
    match (paths.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(format!("{verb} {shown}")),
        _ => Some(format!("{verb} {shown} and {}", many(more, "more bundle path"))),
    }
}

/// The libraries that are a part of it.
fn contains(file: &Inspection) -> Vec<&'static str> {
    file.scan.contains_openssl.then_some(OPENSSL).into_iter().collect()
}

impl Subject {
    /// A name in one line, whatever is in it: anybody can name a file.
    fn new(path: String, named: bool) -> Self {
        Self { name: shown::path(Path::new(&path)), path, named }
    }
}
