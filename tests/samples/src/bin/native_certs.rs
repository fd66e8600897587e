//! Searches the system for a store.

fn main() {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    samples::client(roots);
}
