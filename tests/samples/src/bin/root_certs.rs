//! Has Mozilla's roots in it, as certificates.

fn main() {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    samples::client(roots);
}
