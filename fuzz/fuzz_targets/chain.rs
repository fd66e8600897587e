//! Chains and stores put together of a pool of certificates, some of them damaged: the verdict is that of
//! plain rustls, with what the store rejects taken out.

#![no_main]

mod pool;

use cacerts::TrustStore;
use libfuzzer_sys::fuzz_target;
use pool::{One, pem, pool, rejected};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{Error, RootCertStore};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

static POOL: LazyLock<Vec<One>> = LazyLock::new(pool);
static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
/// Each process has one of its own.
static STORE: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = tempfile::Builder::new().prefix("cacerts-fuzz").tempdir().expect("a directory");
    directory.keep().join("store.pem")
});
const NAMES: [&str; 4] = ["a.test", "b.test", "c.test", "127.0.0.1"];
/// What rustls says of a chain that it has given up on, since it takes too long.
const SPENT: [&str; 3] = [
    "MaximumSignatureChecksExceeded",
    "MaximumPathBuildCallsExceeded",
    "MaximumNameConstraintComparisonsExceeded",
];

/// A store: which certificates stand there, and how.
#[derive(Default)]
struct Store {
    text: String,
    plain: Vec<&'static One>,
    rejected: Vec<&'static One>,
}

/// The first byte says for whom and how many stand in the store; two bytes each put one there, two more each
/// one in the chain, where the second may damage it.
fn read(bytes: &[u8]) -> Option<(&'static str, Store, Vec<CertificateDer<'static>>)> {
    let (first, mut rest) = bytes.split_first()?;
    let mut next = || {
        let (pair, behind) = rest.split_first_chunk::<2>()?;
        rest = behind;
        Some((usize::from(pair[0]), pair[1]))
    };
    let mut store = Store::default();
    for _ in 0..=first >> 2 & 7 {
        let (number, how) = next()?;
        let one = &POOL[number % POOL.len()];
        let (text, is_rejected) = match how % 4 {
            0 => (rejected(&one.der), true),
            1 => {
                let certificate = pem("CERTIFICATE", &one.der);
                (format!("[p11-kit-object-v1]\nx-distrusted: true\n{certificate}"), true)
            }
            _ => (pem("CERTIFICATE", &one.der), false),
        };
        // What stands behind the first section of p11-kit is in one.
        match is_rejected {
            true => store.text += &text,
            false => store.text.insert_str(0, &text),
        }
        if is_rejected { &mut store.rejected } else { &mut store.plain }.push(one);
    }
    let mut chain = Vec::new();
    while let Some((number, damage)) = next() {
        let mut der = POOL[number % POOL.len()].der.to_vec();
        if damage >= 0x80 {
            let (at, change) = next()?;
            let at = (at << 2 | usize::from(damage) & 3) % der.len();
            der[at] ^= change;
        }
        chain.push(CertificateDer::from(der));
    }
    chain.truncate(9);
    (!chain.is_empty()).then_some((NAMES[usize::from(*first) & 3], store, chain))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((name, store, chain)) = read(bytes) else { return };
    let (own, intermediates) = chain.split_first().expect("a chain has one");
    let name = ServerName::try_from(name).expect("a name");
    let now = UnixTime::since_unix_epoch(Duration::from_secs(1_767_225_600));
    let is_rejected = |der: &CertificateDer<'_>| {
        let identity = identity(der);
        store.rejected.iter().any(|one| one.der == *der || identity.as_ref() == Some(&one.identity))
    };
    let anchors = store.plain.iter().filter(|one| !one.is_no_ca && !is_rejected(&one.der));
    let anchors: Vec<_> = anchors.map(|one| one.der.clone()).collect();
    let left: Vec<_> = intermediates.iter().filter(|der| !is_rejected(der)).cloned().collect();
    let expected = match is_rejected(own) {
        true => Err(Error::General("rejected".to_owned())),
        false => plain(&anchors, own, &left, &name, now),
    };

    fs::write(&*STORE, &store.text).expect("there is room");
    let loaded = match TrustStore::load(&*STORE) {
        Ok(loaded) => loaded,
        Err(e) => {
            assert!(anchors.is_empty(), "{e}");
            return;
        }
    };
    let verifier = loaded.verifier(Arc::clone(&PROVIDER));
    for _ in 0..2 {
        let verdict = verifier.verify_server_cert(own, intermediates, &name, &[], now);
        let is_own = store.plain.iter().any(|one| one.der == *own) && !is_rejected(own);
        match (&verdict, &expected) {
            (Ok(_), Ok(())) => {}
            // It is named itself.
            (Ok(_), Err(_)) if is_own => {}
            (Err(ours), Err(theirs)) if store.rejected.is_empty() && !is_own => {
                let is_no_ca = store.plain.iter().any(|one| one.is_no_ca);
                let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
                // It counts for all anchors together, which are not all asked here.
                let is_spent = SPENT.iter().any(|limit| theirs.contains(limit));
                assert!(
                    is_no_ca || is_spent || ours == theirs,
                    "{ours}, where rustls says {theirs}"
                );
            }
            (Err(_), Err(_)) => {}
            _ => panic!("{verdict:?}, where rustls says {expected:?}: {}", store.text),
        }
    }
    // All of them, read as a whole.
    let mut listed: Vec<_> = loaded.certificates().to_vec();
    let mut anchors = anchors;
    for list in [&mut listed, &mut anchors] {
        list.sort_by(|one, other| one.as_ref().cmp(other.as_ref()));
        list.dedup();
    }
    assert_eq!(listed, anchors, "{}", store.text);
});

fn plain(
    anchors: &[CertificateDer<'static>],
    own: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    anchors.iter().for_each(|der| roots.add(der.clone()).expect("it can be read"));
    let algorithms = PROVIDER.signature_verification_algorithms.all;
    let own = ParsedCertificate::try_from(own)?;
    verify_server_cert_signed_by_trust_anchor(&own, &roots, intermediates, now, algorithms)?;
    verify_server_name(&own, name)
}

/// The subject and key of a certificate, which may be damaged.
fn identity(der: &CertificateDer<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut roots = RootCertStore::empty();
    roots.add(der.clone().into_owned()).ok()?;
    let key = x509_cert::der::Encode::to_der(
        &x509_cert::der::asn1::AnyRef::new(
            x509_cert::der::Tag::Sequence,
            &roots.roots[0].subject_public_key_info,
        )
        .ok()?,
    );
    Some((roots.roots[0].subject.to_vec(), key.ok()?))
}
