//! Forms that there can be no drop-in for: the lists are read when the program runs. It is built with
//! the originals; with the drop-ins the compiler has to say what to do.

use root_certs_1::TLS_SERVER_ROOT_CERTS;
use roots_1::TLS_SERVER_ROOTS;
use rustls::pki_types::{CertificateDer, TrustAnchor};

const ANCHORS: &[TrustAnchor<'static>] = TLS_SERVER_ROOTS;
static CERTIFICATES: &[CertificateDer<'static>] = TLS_SERVER_ROOT_CERTS;

fn takes_a_slice(roots: &[TrustAnchor<'_>]) -> usize {
    roots.len()
}

fn main() {
    println!("{} {} {}", ANCHORS.len(), CERTIFICATES.len(), takes_a_slice(TLS_SERVER_ROOTS));
}
