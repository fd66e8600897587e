//! `check`: one connection as a person reads it. `target` says where to, the library goes there, `cause`
//! finds why it came to nothing, `elsewhere` where the CA is instead, and `screen` or `json` tells it all.

mod advice;
mod brief;
mod cause;
mod certificate;
mod elsewhere;
mod json;
mod kinds;
mod others;
mod screen;
mod target;

use crate::args::Check;
use crate::count::many;
use crate::failure::Failure;
use crate::output;
use cacerts::{Client, ErrorKind, Handshake, Origin, Settings, TrustStore};
use cause::{Answer, Cause, Facts, Store};
use certificate::{Certificate, Named};
use rustls::pki_types::CertificateDer;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400;

/// All there is to tell.
struct Report<'a> {
    handshake: &'a Handshake,
    chain: Vec<Certificate>,
    cause: Option<Cause>,
    /// What of the store the chain leads to.
    root: Option<Certificate>,
    /// Whether that is the server's own certificate, which is trusted for itself.
    is_pinned: bool,
    stores: Vec<Used>,
    /// Who else refuses it, where all is well here; for who wants to know.
    others: Vec<String>,
    now: i64,
    verifies: bool,
}

/// A store that was gone by.
struct Used {
    path: PathBuf,
    setting: String,
    origin: Origin,
    /// How many there are, where all of it was read.
    certificates: Option<usize>,
}

pub(crate) fn check(settings: Settings, args: &Check, verbose: bool) -> Result<(), Failure> {
    let endpoint = target::endpoint(args)?;
    let verifies = settings.verifies()?;
    let handshake = Client::new(settings.clone()).check(endpoint);
    if let Err(e) = &handshake.verdict {
        // What is no server gets no verdict.
        if matches!(e.kind(), ErrorKind::InvalidAddress | ErrorKind::InvalidSetting) {
            return Err(e.clone().into());
        }
    }
    if args.pem {
        print_pem(&handshake.chain)?;
    }
    let report = report(&settings, &handshake, args, (verifies, verbose));
    match (args.pem, args.json) {
        // Its output is for another program: what else there is to be said goes to people.
        (true, _) => {
            if let Some(reason) = report.reason() {
                let sentence = report.sentence();
                output::message(format_args!("{} {sentence} ({reason})", handshake.server));
            }
        }
        (false, true) => json::print(&report)?,
        (false, false) => screen::print(&report)?,
    }
    report.result()
}

fn report<'a>(
    settings: &Settings,
    handshake: &'a Handshake,
    args: &Check,
    (verifies, verbose): (bool, bool),
) -> Report<'a> {
    let now = seconds(SystemTime::now());
    let chain: Vec<_> = handshake.chain.iter().map(Certificate::of).collect();
    let opened = Opened { store: handshake.store.as_ref(), told: Cell::new(false) };
    let resolution = if verifies { settings.resolve().ok() } else { None };
    let sources = resolution.iter().flat_map(|r| r.sources().iter().chain(r.extra()));
    let mut stores: Vec<_> = sources
        .map(|source| Used {
            path: source.path().to_owned(),
            setting: source.setting().to_owned(),
            origin: source.origin(),
            certificates: None,
        })
        .collect();
    let mut report = Report {
        handshake,
        chain,
        cause: None,
        root: None,
        is_pinned: false,
        stores: Vec::new(),
        others: Vec::new(),
        now,
        verifies,
    };
    if handshake.is_trusted == Some(true) {
        let path = cause::Path::of(&report.chain, &opened, true);
        let sent: Vec<_> = path.sent.iter().map(|place| &report.chain[*place]).collect();
        if args.json || verbose {
            report.others = others::refusals(&sent, path.anchor.as_ref(), now);
        }
        report.root = path.anchor;
        let own = report.chain.first().zip(handshake.store.as_ref());
        // Another verifier than that of the handshake may have been asked where the store has changed since.
        let is_pinned = |own: &Certificate, store: &TrustStore| {
            store.has_pinned(&own.der) || report.root.is_none() && store.is_pinned(&own.der)
        };
        if let Some((own, _)) = own.filter(|(own, store)| is_pinned(own, store)) {
            (report.root, report.is_pinned) = (Some(own.clone()), true);
        }
    }
    if let Err(e) = &handshake.verdict {
        let past = stores.iter().filter_map(|used| fs::metadata(&used.path).ok()?.modified().ok());
        let past = past.map(seconds).max().unwrap_or_default();
        let facts = Facts { handshake, chain: &report.chain, store: &opened, now, past };
        let cause = cause::find(&facts, e);
        if handshake.is_trusted == Some(false) {
            match (&mut stores[..], &handshake.store) {
                ([used], Some(store)) => used.certificates = Some(store.len()),
                (several, store) => several.iter_mut().for_each(|used| {
                    let part = store.as_ref().and_then(|store| store.part(&used.path));
                    used.certificates = part.map(|store| store.len());
                }),
            }
        }
        report.cause = Some(advise(cause, &report, &stores));
    } else if let Some(days) = args.expires_within {
        report.cause = report.running_out(days);
    }
    if let (Some(root), Some(store), true) = (&report.root, &handshake.store, stores.len() > 1) {
        stores.retain(|used| store.part(&used.path).is_some_and(|part| has(&part, root)));
    }
    report.stores = stores;
    report
}

/// Whether a certificate is in one of several stores.
fn has(store: &TrustStore, root: &Certificate) -> bool {
    let parsed = root.parsed.as_ref();
    let named = parsed.and_then(|parsed| store.named(&parsed.subject.der).ok());
    named.is_some_and(|named| named.contains(&root.der))
}

/// Looks for the CA that is missing, and says what to do.
fn advise(cause: Cause, report: &Report<'_>, stores: &[Used]) -> Cause {
    let root = Path::new("/");
    let (Some(place), Some(used)) = (cause.certificate, stores.first()) else { return cause };
    let paths: Vec<_> = stores.iter().map(|used| used.path.clone()).collect();
    if cause.wanted.is_none() {
        // What could be trusted for itself.
        let is_own = matches!(cause.reason, "self-signed" | "ca-as-server");
        let own = report.chain.first().filter(|_| is_own);
        let found = own.and_then(|own| elsewhere::own(own, &paths));
        return advice::own(cause, found.as_ref());
    }
    let found = elsewhere::find(root, &report.chain[place], &paths);
    let system = elsewhere::System::of(root, &used.path);
    let proxy = report.handshake.proxy.as_ref().map(|proxy| proxy.address());
    advice::complete(cause, found.as_ref(), system, used, proxy)
}

impl Report<'_> {
    fn sentence(&self) -> &str {
        match &self.cause {
            Some(cause) => &cause.sentence,
            None if !self.verifies => "is not verified: verification is off",
            None => "is trusted",
        }
    }

    fn reason(&self) -> Option<&str> {
        match &self.cause {
            Some(cause) => Some(cause.reason),
            None if !self.verifies => Some("verification-off"),
            None => None,
        }
    }

    fn steps(&self) -> &[String] {
        self.cause.as_ref().map_or(&[], |cause| &cause.steps)
    }

    fn wanted(&self) -> Option<&Named> {
        self.cause.as_ref().and_then(|cause| cause.wanted.as_ref())
    }

    /// Whether the server is the one that was meant; `None` where that is not known.
    fn is_verified(&self) -> Option<bool> {
        if self.verifies { self.handshake.is_trusted } else { Some(false) }
    }

    /// What of the chain, or the root, runs out within so many days.
    fn running_out(&self, days: u32) -> Option<Cause> {
        let end = self.now + i64::from(days) * DAY;
        let all = self.chain.iter().chain(&self.root).enumerate();
        let mut dated = all.filter_map(|(at, one)| Some((at, one, one.parsed.as_ref()?.not_after)));
        let (place, certificate, until) = dated.find(|(_, _, until)| *until < end)?;
        let left = (until - self.now).div_euclid(DAY);
        let name = brief::brief(&certificate.name());
        let sentence = format!(
            "is trusted, but \"{name}\" runs out on {}, in {}",
            certificate::day(until),
            many(left, "day")
        );
        let is_sent = place < self.chain.len();
        Some(Cause {
            reason: "expires-soon",
            sentence,
            certificate: is_sent.then_some(place),
            wanted: None,
            steps: Vec::new(),
            answer: Answer::No,
        })
    }

    fn result(&self) -> Result<(), Failure> {
        match &self.cause {
            None if self.verifies => Ok(()),
            None => Err(Failure::No(None)),
            Some(cause) => Err(match cause.answer {
                Answer::No => Failure::No(None),
                Answer::None => Failure::NoAnswer(None),
                Answer::Here => match &self.handshake.verdict {
                    Err(e) => Failure::from(e.clone()).said(),
                    Ok(()) => Failure::No(None),
                },
            }),
        }
    }
}

/// The store that was gone by, if it could be opened.
struct Opened<'a> {
    store: Option<&'a TrustStore>,
    /// Whether it was told that it cannot be read any more.
    told: Cell<bool>,
}

impl Store for Opened<'_> {
    fn named(&self, subject: &[u8]) -> Vec<Certificate> {
        let Some(store) = self.store else { return Vec::new() };
        let named = store.named(subject).unwrap_or_else(|e| {
            if !self.told.replace(true) {
                output::message(e);
            }
            Vec::new()
        });
        named.iter().map(Certificate::of).collect()
    }

    fn gone_by(&self, subject: &[u8]) -> Vec<Certificate> {
        let store = self.store.into_iter();
        store.flat_map(|store| store.gone_by(subject)).map(|der| Certificate::of(&der)).collect()
    }

    fn all(&self) -> Vec<CertificateDer<'static>> {
        self.store.map(|store| store.certificates().to_vec()).unwrap_or_default()
    }
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// What was sent, as it is: it is not trusted by being printed.
fn print_pem(chain: &[CertificateDer<'_>]) -> Result<(), Failure> {
    use base64::Engine;
    for der in chain {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        output::line("-----BEGIN CERTIFICATE-----")?;
        for line in text.as_bytes().chunks(64) {
            output::line(String::from_utf8_lossy(line))?;
        }
        output::line("-----END CERTIFICATE-----")?;
    }
    Ok(())
}
