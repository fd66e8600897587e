//! Has a bundle in it, as a file that was included.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The file that SAMPLE_BUNDLE names when this is built.
static BUNDLE: &[u8] = include_bytes!(env!("SAMPLE_BUNDLE"));

fn main() {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(BUNDLE).flatten());
    samples::client(roots);
}
