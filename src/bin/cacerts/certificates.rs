//! The certificates of a store, and what the command says of each. It may use `names` and `x509-cert`.

use crate::count::many;
use crate::names;
use crate::shown::shown;
use cacerts::{TrustStore, UnusableKey};
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};
use x509_cert::Certificate;
use x509_cert::der::{DateTime, Decode};
use x509_cert::ext::pkix::BasicConstraints;

const DAY: i64 = 24 * 60 * 60;
/// The mark of what the store has, and nobody trusts.
pub(crate) const DISTRUSTED: &str = "distrusted";

/// A certificate of a store.
pub(crate) struct Entry<'a> {
    pub(crate) der: &'a CertificateDer<'a>,
    /// Of the DER, in hex.
    pub(crate) sha256: String,
    /// It may be a trust anchor and still be too odd for the parser here: then only its hash is known.
    pub(crate) parsed: Option<Certificate>,
    /// What a person has to know before trusting it.
    pub(crate) marks: Vec<Mark>,
}

/// Something that is not usual about a certificate.
pub(crate) struct Mark {
    /// One word or two, for the table and for JSON.
    pub(crate) word: &'static str,
    /// The same as a sentence, for those who look at this one certificate.
    pub(crate) why: String,
}

/// All that is in a store, in its order, each certificate once. What the store knows of a certificate, and
/// the certificate does not say of itself, is to be marked here.
pub(crate) fn entries(store: &TrustStore) -> Vec<Entry<'_>> {
    let now = now();
    // Where there is none, that is told elsewhere.
    let provider = cacerts::crypto_provider().ok();
    let marked = |der| {
        let mut entry = Entry::of(der);
        entry.marks = own_marks(&entry, now);
        let key = provider.as_ref().and_then(|provider| UnusableKey::of(der, provider));
        entry.marks.extend(key.map(|key| Mark { word: "not usable", why: key.to_string() }));
        entry
    };
    // In several places one may be rejected, and it is listed for the first.
    let mut seen = HashSet::new();
    let distrusted = store.distrusted().iter().filter(|one| seen.insert(one.certificate()));
    let distrusted = distrusted.map(|distrusted| {
        let mut entry = marked(distrusted.certificate());
        let (path, line) = (shown(&distrusted.path().to_string_lossy()), distrusted.line());
        let why = format!("{path}:{line} rejects it, and whatever has its name and its key");
        entry.marks.insert(0, Mark { word: DISTRUSTED, why });
        entry
    });
    store.certificates().iter().chain(store.not_ca()).map(marked).chain(distrusted).collect()
}

/// What a certificate says of itself.
fn own_marks(entry: &Entry<'_>, now: i64) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut mark = |word, why| marks.push(Mark { word, why });
    let Some(certificate) = &entry.parsed else {
        let why =
            "it is too odd for this command: that it can be a trust anchor is all that is known";
        mark("cannot be parsed", why.to_owned());
        return marks;
    };
    let validity = &certificate.tbs_certificate.validity;
    let (from, until) = (validity.not_before.to_date_time(), validity.not_after.to_date_time());
    if seconds(&until) < now {
        let ago = many((now - seconds(&until)) / DAY, "day");
        mark("expired", format!("it expired {ago} ago, on {}", date(&until)));
    }
    if seconds(&from) > now {
        mark("not yet valid", format!("it is valid from {} on", date(&from)));
    }
    if entry.is_ca() == Some(false) {
        let why =
            "it says CA:FALSE: it may vouch for itself, where it is named, and for nobody else";
        mark("no CA", why.to_owned());
    }
    marks
}

impl<'a> Entry<'a> {
    fn of(der: &'a CertificateDer<'a>) -> Self {
        Self {
            der,
            sha256: sha256(der),
            parsed: Certificate::from_der(der).ok(),
            marks: Vec::new(),
        }
    }

    /// By what a person knows it.
    pub(crate) fn name(&self) -> String {
        let Some(certificate) = &self.parsed else { return "(cannot be parsed)".to_owned() };
        names::usual(&certificate.tbs_certificate.subject).unwrap_or_else(|| "(no name)".to_owned())
    }

    pub(crate) fn organisation(&self) -> Option<String> {
        let subject = &self.parsed.as_ref()?.tbs_certificate.subject;
        names::attribute(subject, names::ORGANISATION)
    }

    pub(crate) fn subject(&self) -> Option<String> {
        Some(names::in_full(&self.parsed.as_ref()?.tbs_certificate.subject))
    }

    pub(crate) fn until(&self) -> Option<DateTime> {
        Some(self.parsed.as_ref()?.tbs_certificate.validity.not_after.to_date_time())
    }

    pub(crate) fn key(&self) -> Option<String> {
        Some(names::key(&self.parsed.as_ref()?.tbs_certificate.subject_public_key_info))
    }

    /// What it says of itself; `None` where it says nothing, as version 1 cannot.
    pub(crate) fn is_ca(&self) -> Option<bool> {
        let constraints = self.parsed.as_ref()?.tbs_certificate.get::<BasicConstraints>();
        constraints.ok().flatten().map(|(_, constraints)| constraints.ca)
    }

    pub(crate) fn is_distrusted(&self) -> bool {
        self.marks.iter().any(|mark| mark.word == DISTRUSTED)
    }

    /// How many days it has left; below zero where it has expired.
    pub(crate) fn days_left(&self) -> Option<i64> {
        self.until().map(|until| (seconds(&until) - now()).div_euclid(DAY))
    }

    /// The marks as they stand in a table.
    pub(crate) fn marks_in_words(&self) -> String {
        self.marks.iter().map(|mark| mark.word).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn to_json(&self) -> Value {
        let tbs = self.parsed.as_ref().map(|certificate| &certificate.tbs_certificate);
        json!({
            "sha256": self.sha256,
            "name": tbs.and_then(|tbs| names::usual(&tbs.subject)),
            "organisation": self.organisation(),
            "subject": self.subject(),
            "issuer": tbs.map(|tbs| names::in_full(&tbs.issuer)),
            "serial": tbs.map(|tbs| names::hex(tbs.serial_number.as_bytes())),
            "not_before": tbs.map(|tbs| tbs.validity.not_before.to_date_time().to_string()),
            "not_after": self.until().map(|until| until.to_string()),
            "key": self.key(),
            "ca": self.is_ca(),
            "names": tbs.map(names::alternative),
            "marks": self.marks.iter().map(|mark| mark.word).collect::<Value>(),
        })
    }
}

/// Of the DER, in hex.
pub(crate) fn sha256(der: &CertificateDer<'_>) -> String {
    names::hex(&Sha256::digest(der))
}

/// The day of a time, in UTC.
pub(crate) fn date(time: &DateTime) -> String {
    time.to_string().chars().take(10).collect()
}

fn seconds(time: &DateTime) -> i64 {
    time.unix_duration().as_secs().try_into().unwrap_or(i64::MAX)
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs().try_into().unwrap_or(i64::MAX)
}
