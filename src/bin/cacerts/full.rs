//! One certificate in full, for a person. It may use `certificates`, `names` and `shown`.

use crate::certificates::{Entry, date};
use crate::count::many;
use crate::names;
use crate::shown::shown;
use x509_cert::TbsCertificate;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages};

/// So many names are shown; `--json` has all of them.
const NAMES: usize = 20;

const USAGES: [(KeyUsages, &str); 9] = [
    (KeyUsages::DigitalSignature, "digitalSignature"),
    (KeyUsages::NonRepudiation, "nonRepudiation"),
    (KeyUsages::KeyEncipherment, "keyEncipherment"),
    (KeyUsages::DataEncipherment, "dataEncipherment"),
    (KeyUsages::KeyAgreement, "keyAgreement"),
    (KeyUsages::KeyCertSign, "keyCertSign"),
    (KeyUsages::CRLSign, "cRLSign"),
    (KeyUsages::EncipherOnly, "encipherOnly"),
    (KeyUsages::DecipherOnly, "decipherOnly"),
];

/// Its name, and below it a line for each thing that there is to say.
pub(crate) fn in_full(entry: &Entry<'_>) -> String {
    let mut full = shown(&entry.name());
    let mut say = |what: &str, text: &str| full += &format!("\n    {what:<11}  {}", shown(text));
    for mark in &entry.marks {
        say(mark.word, &mark.why);
    }
    if let Some(certificate) = &entry.parsed {
        let tbs = &certificate.tbs_certificate;
        say("subject", &names::in_full(&tbs.subject));
        if tbs.issuer == tbs.subject {
            say("issuer", "itself");
        } else {
            say("issuer", &names::in_full(&tbs.issuer));
        }
        let (from, until) = (&tbs.validity.not_before, &tbs.validity.not_after);
        let (from, until) = (date(&from.to_date_time()), date(&until.to_date_time()));
        let left = entry.days_left().filter(|left| *left >= 0);
        let left = left.map(|left| format!(" ({} left)", many(left, "day"))).unwrap_or_default();
        say("valid", &format!("from {from} until {until}{left}"));
        say("key", &names::key(&tbs.subject_public_key_info));
        say("signed with", &names::code(certificate.signature_algorithm.oid));
        say("serial", &names::hex(tbs.serial_number.as_bytes()));
        say_extensions(tbs, &mut say);
    }
    say("SHA-256", &entry.sha256);
    full
}

/// What stands in the extensions that decide for what a certificate may be used, and which others have to
/// be understood.
fn say_extensions(tbs: &TbsCertificate, say: &mut dyn FnMut(&str, &str)) {
    match tbs.get::<BasicConstraints>() {
        Ok(Some((_, BasicConstraints { ca: true, path_len_constraint: Some(length) }))) => {
            say("CA", &format!("yes, with up to {length} other CAs below it"));
        }
        Ok(Some((_, constraints))) => say("CA", if constraints.ca { "yes" } else { "no" }),
        Ok(None) => say("CA", "not said"),
        Err(_) => say("CA", "said in a way that cannot be read"),
    }
    if let Ok(Some((_, usage))) = tbs.get::<KeyUsage>() {
        let usages = USAGES.iter().filter(|(kind, _)| usage.0.contains(*kind));
        say("key usage", &usages.map(|(_, word)| *word).collect::<Vec<_>>().join(", "));
    }
    if let Ok(Some((_, usage))) = tbs.get::<ExtendedKeyUsage>() {
        let purposes: Vec<_> = usage.0.into_iter().map(names::code).collect();
        say("purposes", &purposes.join(", "));
    }
    let mut names = names::alternative(tbs);
    if !names.is_empty() {
        let more = names.len().saturating_sub(NAMES);
        names.truncate(NAMES);
        if more > 0 {
            names.push(format!("and {more} more"));
        }
        say("names", &names.join(", "));
    }
    // All of what is said above, by number.
    let told = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"];
    let extensions = tbs.extensions.iter().flatten();
    let critical = extensions.filter(|e| e.critical && !told.contains(&&*e.extn_id.to_string()));
    let critical: Vec<_> = critical.map(|extension| names::code(extension.extn_id)).collect();
    if !critical.is_empty() {
        say("critical", &critical.join(", "));
    }
}
