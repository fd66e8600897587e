//! The forms in which programs use the lists of webpki-roots and webpki-root-certs: it need only compile.

use root_certs_1::TLS_SERVER_ROOT_CERTS;
use roots_1::TLS_SERVER_ROOTS;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, TrustAnchor};

struct Kept {
    first: Option<&'static TrustAnchor<'static>>,
    certificate: Option<&'static CertificateDer<'static>>,
    rest: std::slice::Iter<'static, TrustAnchor<'static>>,
}

fn takes_a_slice(roots: &[TrustAnchor<'_>]) -> usize {
    roots.len()
}

fn main() {
    let mut counts = vec![TLS_SERVER_ROOTS.len(), TLS_SERVER_ROOTS.to_vec().len()];
    counts.push(takes_a_slice(&TLS_SERVER_ROOTS));
    counts.push(TLS_SERVER_ROOTS[..].len());
    counts.push(RootCertStore { roots: TLS_SERVER_ROOTS.into() }.len());
    counts.push(RootCertStore::from_iter(TLS_SERVER_ROOTS.iter().cloned()).len());
    let mut store = RootCertStore::empty();
    store.extend(TLS_SERVER_ROOTS.iter().cloned());
    store.roots.extend_from_slice(&TLS_SERVER_ROOTS);
    counts.push(store.len() / 2);
    let mut looped = 0;
    for anchor in TLS_SERVER_ROOTS {
        looped += usize::from(!anchor.subject.is_empty());
    }
    counts.push(looped);
    counts.push(roots_0_26::TLS_SERVER_ROOTS.iter().map(|anchor| anchor.to_owned()).count());
    let local = TLS_SERVER_ROOTS;
    counts.push(local.iter().count());
    let kept = Kept {
        first: TLS_SERVER_ROOTS.first(),
        certificate: TLS_SERVER_ROOT_CERTS.iter().next(),
        rest: TLS_SERVER_ROOTS.iter(),
    };
    counts.push(kept.rest.count());
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    assert_eq!(kept.first.is_some(), counts[0] > 0);
    assert_eq!(kept.certificate.is_some(), counts[0] > 0);
    let (added, _) =
        RootCertStore::empty().add_parsable_certificates(TLS_SERVER_ROOT_CERTS.iter().cloned());
    assert_eq!(added, TLS_SERVER_ROOT_CERTS.len());
    println!("{}", counts[0]);
}
