//! Causes by what was sent, what the store has, and what rustls says of it: real verdicts on certificates
//! made for them.

use super::super::certificate::Certificate;
use super::{Answer, Cause, Facts, Store, certificate};
use cacerts::{Client, Handshake, Settings, Stage};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, DnValue,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, NameConstraints, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;
use std::time::Duration;

pub(in super::super) type Ca = CertifiedIssuer<'static, KeyPair>;
type Der = CertificateDer<'static>;

/// 2026-01-01, by which all is decided here.
pub(super) const NOW: i64 = 1_767_225_600;
const YEAR: i64 = 365 * 86_400;

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2030, 1, 1);
    params
}

pub(in super::super) fn ca_params(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// A root of this name.
pub(in super::super) fn ca(name: &str) -> Ca {
    root(ca_params(name))
}

pub(in super::super) fn root(params: CertificateParams) -> Ca {
    CertifiedIssuer::self_signed(params, key()).unwrap()
}

pub(in super::super) fn below(issuer: &Ca, params: CertificateParams) -> Ca {
    CertifiedIssuer::signed_by(params, key(), issuer).unwrap()
}

pub(in super::super) fn server(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.subject_alt_names = CertificateParams::new([name.to_owned()]).unwrap().subject_alt_names;
    params
}

pub(in super::super) fn leaf(issuer: &Ca, params: &CertificateParams) -> Der {
    params.signed_by(&key(), issuer).unwrap().into()
}

/// A server's certificate.
pub(in super::super) fn issue(issuer: &Ca, name: &str) -> Der {
    leaf(issuer, &server(name))
}

pub(super) struct Roots(pub(super) Vec<Der>);

impl Store for Roots {
    fn named(&self, subject: &[u8]) -> Vec<Certificate> {
        let all = self.0.iter().map(Certificate::of);
        all.filter(|one| one.parsed.as_ref().unwrap().subject.der == subject).collect()
    }

    fn gone_by(&self, _: &[u8]) -> Vec<Certificate> {
        Vec::new()
    }

    fn all(&self) -> Vec<Der> {
        self.0.clone()
    }
}

/// A handshake of which nothing is known yet.
pub(super) fn handshake(name: &str) -> Handshake {
    let mut handshake = Client::new(Settings::new()).check("");
    handshake.server = format!("{name}:443");
    handshake.server_name = name.to_owned();
    handshake.stage = Stage::Tls;
    handshake
}

/// What rustls says, and what is made of it.
fn cause_of(asked: &str, chain: &[Der], store: &[Der], past: i64) -> Cause {
    let mut roots = RootCertStore::empty();
    store.iter().for_each(|root| roots.add(root.clone()).unwrap());
    let provider = cacerts::crypto_provider().unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let name = ServerName::try_from(asked.to_owned()).unwrap();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW as u64));
    let verifier = verifier.build().unwrap();
    let error = verifier.verify_server_cert(&chain[0], &chain[1..], &name, &[], now).unwrap_err();
    let chain: Vec<_> = chain.iter().map(Certificate::of).collect();
    let (handshake, store) = (handshake(asked), Roots(store.to_vec()));
    let facts = Facts { handshake: &handshake, chain: &chain, store: &store, now: NOW, past };
    certificate::find(&facts, Some(&error), "certificate verify failed: something")
}

/// The reason, which certificate, and that the sentence has these words.
#[track_caller]
fn is(cause: &Cause, reason: &str, place: Option<usize>, words: &[&str]) {
    assert_eq!((cause.reason, cause.certificate), (reason, place), "{cause:?}");
    assert_eq!(cause.answer, Answer::No);
    let text = format!("{}\n{}", cause.sentence, cause.steps.join("\n"));
    for word in words {
        assert!(text.contains(word), "{word:?} is not said: {text}");
    }
}

pub(in super::super) fn der(ca: &Ca) -> Der {
    ca.der().clone()
}

#[test]
fn a_missing_ca_is_told_from_a_missing_intermediate() {
    let (root, other) = (ca("Corp Root"), ca("Other Root"));
    let middle = below(&root, ca_params("Corp Issuing"));
    let sent = issue(&middle, "a.example");
    let of = |chain: &[Der], store: &[Der]| cause_of("a.example", chain, store, 0);
    let (middle_der, others) = (der(&middle), [der(&other)]);
    let cause = of(&[sent.clone(), middle_der.clone()], &others);
    is(&cause, "unknown-issuer", Some(1), &["its CA is not in the store"]);
    assert_eq!(cause.wanted.unwrap().common_name.as_deref(), Some("Corp Root"));
    // The root is sent, too.
    let cause = of(&[sent.clone(), middle_der.clone(), der(&root)], &others);
    is(&cause, "unknown-issuer", Some(2), &[]);
    assert_eq!(cause.wanted.unwrap().common_name.as_deref(), Some("Corp Root"));
    // In the wrong order.
    let cause = of(&[sent.clone(), der(&root), middle_der], &others);
    is(&cause, "unknown-issuer", Some(1), &[]);
    let cause = of(std::slice::from_ref(&sent), &others);
    is(&cause, "unknown-issuer", Some(0), &["If \"Corp Issuing\" is an intermediate CA"]);
    let cause = of(&[sent, der(&other)], &[der(&root)]);
    is(&cause, "wrong-intermediate", Some(0), &["Tell whoever runs the server"]);

    // What belongs together by its organisation, or says where the rest is.
    let corp = |name: &str| {
        let mut params = ca_params(name);
        params.distinguished_name.push(DnType::OrganizationName, "Corp");
        params
    };
    let root = self::root(corp("Root"));
    let middle = below(&root, corp("Issuing"));
    let cause = of(&[issue(&middle, "a.example")], &[der(&root)]);
    is(&cause, "missing-intermediate", Some(0), &["the store has \"Root\"", "\"Issuing\" behind"]);
    let mut params = server("a.example");
    // authorityInfoAccess with caIssuers, at "u".
    let access = b"\x30\x0f\x30\x0d\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x01u".to_vec();
    params.custom_extensions =
        vec![CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], access)];
    let cause = of(&[leaf(&middle, &params)], &others);
    is(&cause, "missing-intermediate", Some(0), &[]);
}

#[test]
fn a_ca_of_the_same_name_is_another_one() {
    let (old, new) = (ca("Corp"), ca("Corp"));
    let cause = cause_of("a.example", &[issue(&old, "a.example")], &[der(&new)], 0);
    is(&cause, "ca-key-changed", Some(0), &["has not signed", "\"Corp\" has a new key"]);
    // Where it names the key of its CA, it is known.
    let mut params = server("a.example");
    params.use_authority_key_identifier_extension = true;
    let sent = leaf(&old, &params);
    let cause = cause_of("a.example", std::slice::from_ref(&sent), &[der(&new)], 0);
    is(&cause, "ca-key-changed", Some(0), &["with another key", "\"Corp\" has a new key"]);
    let mut changed = sent.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    let cause = cause_of("a.example", &[changed.into()], &[der(&new), der(&old)], 0);
    is(&cause, "bad-signature", Some(0), &["\"Corp\" of the store has not made it", "in no case"]);
    assert_eq!(cause.wanted, None);
    // The same key and the same name in other letters.
    let params = |value: DnValue| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, value);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let key = key();
    let again = KeyPair::from_pem(&key.serialize_pem()).unwrap();
    let utf8 =
        CertifiedIssuer::self_signed(params(DnValue::Utf8String("Corp".into())), key).unwrap();
    let printable = params(DnValue::PrintableString("Corp".try_into().unwrap()));
    let printable = CertifiedIssuer::self_signed(printable, again).unwrap();
    let cause = cause_of("a.example", &[issue(&utf8, "a.example")], &[der(&printable)], 0);
    is(&cause, "ca-name-encoding", Some(0), &["byte by byte", "curl and Python"]);
}

#[test]
fn dates_name_the_certificate_and_the_clock_only_where_it_can_be() {
    let root = ca("Root");
    let mut params = server("a.example");
    params.not_after = date_time_ymd(2025, 12, 22);
    let old = leaf(&root, &params);
    let cause = cause_of("a.example", std::slice::from_ref(&old), &[der(&root)], 0);
    is(
        &cause,
        "expired",
        Some(0),
        &["its certificate has expired on 2025-12-22, 10 days ago", "2026-01-01"],
    );
    assert!(!cause.steps.concat().contains("Besides"), "{cause:?}");
    let cause = cause_of("a.example", std::slice::from_ref(&old), &[der(&ca("Other"))], 0);
    is(
        &cause,
        "expired",
        Some(0),
        &[
            "10 days ago",
            "Besides, it leads to no CA that the store trusts: the next would be \"Root\".",
        ],
    );
    let cause = cause_of("a.example", &[old], &[der(&root)], NOW - 86_400);
    assert!(!cause.steps.concat().contains("clock"), "{cause:?}");
    let mut params = ca_params("Issuing");
    params.not_after = date_time_ymd(2025, 12, 31);
    let middle = below(&root, params);
    let cause =
        cause_of("a.example", &[issue(&middle, "a.example"), der(&middle)], &[der(&root)], 0);
    is(&cause, "expired", Some(1), &["the certificate of \"Issuing\"", "a day ago"]);

    let mut params = server("a.example");
    params.not_before = date_time_ymd(2026, 1, 2);
    let early = leaf(&root, &params);
    let cause = cause_of("a.example", std::slice::from_ref(&early), &[der(&root)], NOW);
    is(&cause, "not-yet-valid", Some(0), &["from 2026-01-02 on, in 1 day", "clock right"]);
    let cause = cause_of("a.example", &[early], &[der(&root)], NOW + YEAR);
    is(&cause, "not-yet-valid", Some(0), &["clock is behind"]);
}

#[test]
fn names_are_told_as_people_write_them() {
    let root = ca("Root");
    let of = |asked: &str, params: &CertificateParams| {
        cause_of(asked, &[leaf(&root, params)], &[der(&root)], 0)
    };
    let many =
        CertificateParams::new((0..3000).map(|n| format!("n{n}.example")).collect::<Vec<_>>());
    let cause = of("a.example", &many.unwrap());
    is(&cause, "wrong-name", Some(0), &["n7.example and 2992 more, not for a.example"]);
    assert!(cause.sentence.len() < 400, "{cause:?}");
    let cause = of("b.a.example", &server("*.example"));
    is(&cause, "wrong-name", Some(0), &["*.example", "A wildcard stands for one label"]);
    let cause = of("10.0.0.1", &server("a.example"));
    is(&cause, "wrong-address", Some(0), &["for names only: a.example", "cacerts check NAME"]);
    let cause = of("10.0.0.1", &server("10.0.0.2"));
    is(&cause, "wrong-address", Some(0), &["is for 10.0.0.2"]);
    let cause = of("a.example", &named("a.example"));
    is(&cause, "common-name-only", Some(0), &["(\"a.example\")", "subjectAltName a.example"]);
    let hostile = named("\u{202e}\u{1b}[2J");
    let cause = of("a.example", &hostile);
    assert!(cause.sentence.contains("\\u{202e}\\u{1b}[2J"), "{cause:?}");
}

#[test]
fn each_wrong_chain_has_its_cause() {
    let root = ca("Root");
    let of = |chain: &[Der]| cause_of("a.example", chain, &[der(&root)], 0);
    let changed = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = server("a.example");
        change(&mut params);
        leaf(&root, &params)
    };
    let cause = of(&[changed(&|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))]);
    is(&cause, "ca-as-server", Some(0), &["CA:TRUE", "CA:FALSE"]);
    let cause =
        of(&[changed(&|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth])]);
    is(&cause, "wrong-purpose", Some(0), &["is for TLS clients", "serverAuth"]);
    let critical = |id: &'static [u64]| {
        move |p: &mut CertificateParams| {
            let mut extension = CustomExtension::from_oid_content(id, vec![5, 0]);
            extension.set_criticality(true);
            p.custom_extensions.push(extension);
        }
    };
    let cause = of(&[changed(&critical(&[1, 2, 3, 4]))]);
    is(&cause, "critical-extension", Some(0), &["1.2.3.4"]);
    let mut params = ca_params("Issuing");
    critical(&[2, 5, 29, 54])(&mut params);
    let middle = below(&root, params);
    let cause = of(&[issue(&middle, "a.example"), der(&middle)]);
    is(&cause, "critical-extension", Some(1), &["\"Issuing\"", "inhibitAnyPolicy, 2.5.29.54"]);

    let mut params = ca_params("Issuing");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("corp.example".into())],
        excluded_subtrees: Vec::new(),
    });
    let middle = below(&root, params);
    let cause = of(&[issue(&middle, "a.example"), der(&middle)]);
    is(
        &cause,
        "name-constraints",
        Some(1),
        &["\"Issuing\" may issue only for corp.example", "is for a.example"],
    );

    let mut params = ca_params("First");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let first = below(&root, params);
    let second = below(&first, ca_params("Second"));
    let cause = of(&[issue(&second, "a.example"), der(&second), der(&first)]);
    is(
        &cause,
        "path-too-long",
        Some(2),
        &["\"First\" may have no CA below it (pathlen), and has 1"],
    );

    let mut chain = vec![der(&root)];
    let mut last = below(&root, ca_params("1"));
    for number in 2..=8 {
        chain.insert(0, der(&last));
        last = below(&last, ca_params(&number.to_string()));
    }
    chain.insert(0, der(&last));
    chain.insert(0, issue(&last, "a.example"));
    is(&of(&chain), "chain-too-deep", None, &["more than six CAs"]);

    let stranger = self::root(server("a.example"));
    let cause = of(&[der(&stranger)]);
    is(&cause, "self-signed", Some(0), &["signed by itself", "--ca-certs FILE"]);
}

#[test]
fn what_the_store_rejects_is_said_in_its_words() {
    #[derive(Debug)]
    struct Rejected;
    impl std::fmt::Display for Rejected {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("\"Evil\u{1b} CA\" is rejected by the trust store, in /a.pem:7")
        }
    }
    impl std::error::Error for Rejected {}
    let error = rustls::CertificateError::Other(rustls::OtherError(Arc::new(Rejected)));
    let (handshake, store) = (handshake("a.example"), Roots(Vec::new()));
    let facts = Facts { handshake: &handshake, chain: &[], store: &store, now: NOW, past: 0 };
    let cause = certificate::find(&facts, Some(&error.into()), "");
    is(
        &cause,
        "distrusted",
        None,
        &["\"Evil\\u{1b} CA\" is rejected by the trust store, in /a.pem:7"],
    );
}
