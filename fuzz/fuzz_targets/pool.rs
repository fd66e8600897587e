//! Certificates to put together, the same in every run: the keys are of numbers, so that a file that a check
//! fails for means the same the next day.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, NameConstraints, PublicKeyData, SerialNumber,
    date_time_ymd,
};
use rustls::pki_types::CertificateDer;

/// A certificate of the pool.
pub struct One {
    pub der: CertificateDer<'static>,
    /// Its subject, in DER.
    #[allow(dead_code, reason = "one target has no use for it")]
    pub subject: Vec<u8>,
    /// Its subject and key, by which it is rejected.
    #[allow(dead_code, reason = "one target has no use for it")]
    pub identity: (Vec<u8>, Vec<u8>),
    /// Whether it says CA:FALSE.
    pub is_no_ca: bool,
}

/// Who issues, and with which key: a name may have two.
#[derive(Clone, Copy)]
struct Ca(&'static str, u8);

const ROOT: Ca = Ca("Root", 1);
const ROOT_ANEW: Ca = Ca("Root", 2);
const OTHER: Ca = Ca("Other", 3);
const MIDDLE: Ca = Ca("Middle", 4);
const MIDDLE_ANEW: Ca = Ca("Middle", 5);
const LOW: Ca = Ca("Low", 6);
const NO_CA: Ca = Ca("No CA", 7);
const OLD: Ca = Ca("Old", 8);
const BOUND: Ca = Ca("Bound", 9);
const MAIL: Ca = Ca("Mail", 10);
const SHORT: Ca = Ca("Short", 11);
const PLAIN: Ca = Ca("Plain", 12);

type Change = fn(&mut CertificateParams);

fn ca(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

fn short(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
}

fn no_ca(params: &mut CertificateParams) {
    params.is_ca = IsCa::ExplicitNoCa;
}

fn old(params: &mut CertificateParams) {
    ca(params);
    params.not_after = date_time_ymd(2020, 1, 1);
}

fn bound(params: &mut CertificateParams) {
    ca(params);
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("b.test".to_owned())],
        excluded_subtrees: Vec::new(),
    });
}

fn mail(params: &mut CertificateParams) {
    ca(params);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
}

fn critical(params: &mut CertificateParams) {
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
}

fn for_clients(params: &mut CertificateParams) {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
}

/// Nothing is changed.
fn as_is(_: &mut CertificateParams) {}

pub fn pool() -> Vec<One> {
    let cas: &[(Ca, Ca, Change)] = &[
        (ROOT, ROOT, ca),
        (ROOT_ANEW, ROOT_ANEW, ca),
        (OTHER, OTHER, ca),
        (OTHER, ROOT, ca),
        (ROOT, OTHER, ca),
        (MIDDLE, ROOT, ca),
        (MIDDLE, OTHER, ca),
        (MIDDLE, MIDDLE, ca),
        (MIDDLE_ANEW, ROOT_ANEW, ca),
        (MIDDLE_ANEW, ROOT, short),
        (LOW, MIDDLE, ca),
        (LOW, MIDDLE_ANEW, ca),
        (LOW, SHORT, ca),
        (NO_CA, ROOT, no_ca),
        (NO_CA, NO_CA, no_ca),
        (OLD, ROOT, old),
        (OLD, OLD, old),
        (BOUND, ROOT, bound),
        (BOUND, BOUND, bound),
        (MAIL, ROOT, mail),
        (MAIL, MAIL, mail),
        (SHORT, ROOT, short),
        (SHORT, SHORT, short),
        (PLAIN, PLAIN, as_is),
        (PLAIN, ROOT, as_is),
        (MIDDLE, ROOT, critical),
    ];
    let mut pool = Vec::new();
    for (number, (subject, issuer, change)) in cas.iter().enumerate() {
        pool.push(one(number, *subject, &[], *issuer, *change));
    }
    let of =
        [ROOT, ROOT_ANEW, OTHER, MIDDLE, MIDDLE_ANEW, LOW, NO_CA, OLD, BOUND, MAIL, SHORT, PLAIN];
    for issuer in of {
        pool.push(one(pool.len(), Ca("server", 20), &["a.test", "127.0.0.1"], issuer, as_is));
    }
    for (names, issuer, change) in [
        (&["b.test"][..], BOUND, as_is as Change),
        (&["*.test"], MIDDLE, as_is),
        (&["a.test"], ROOT, ca),
        (&["a.test"], ROOT, critical),
        (&["a.test"], ROOT, for_clients),
        (&["a.test"], ROOT, no_ca),
        (&["a.test"], MIDDLE, |params| params.not_after = date_time_ymd(2020, 1, 1)),
        (&[], ROOT, as_is),
    ] {
        pool.push(one(pool.len(), Ca("server", 21), names, issuer, change));
    }
    for change in [as_is as Change, no_ca, ca] {
        pool.push(one(pool.len(), Ca("own", 22), &["a.test"], Ca("own", 22), change));
    }
    pool
}

fn one(number: usize, subject: Ca, names: &[&str], issuer: Ca, change: Change) -> One {
    let Ca(name, key) = subject;
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from(number as u64 + 1));
    change(&mut params);
    let is_no_ca = matches!(params.is_ca, IsCa::ExplicitNoCa);
    let mut above = CertificateParams::default();
    above.distinguished_name.push(DnType::CommonName, issuer.0);
    let own = self::key(key);
    let by = self::key(issuer.1);
    let der = params.signed_by(&own, &Issuer::from_params(&above, &by)).expect("it is signed");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(der.der().clone()).expect("it can be read");
    let subject = roots.roots[0].subject.to_vec();
    let identity = (subject.clone(), own.subject_public_key_info());
    One { der: der.der().clone(), subject, identity, is_no_ca }
}

/// An Ed25519 key (RFC 8410, section 7).
fn key(number: u8) -> KeyPair {
    let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    der.extend([number; 32]);
    KeyPair::try_from(der).expect("it is a key")
}

/// A block of PEM.
pub fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII"));
    let body: String = lines.map(|line| format!("{line}\n")).collect();
    format!("-----BEGIN {label}-----\n{body}-----END {label}-----\n")
}

/// As OpenSSL writes it with `-addreject serverAuth`.
pub fn rejected(der: &[u8]) -> String {
    const SETTINGS: &[u8] = b"\x30\x0c\xa0\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
    pem("TRUSTED CERTIFICATE", &[der, SETTINGS].concat())
}
