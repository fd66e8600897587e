//! Has Mozilla's roots in it, as subjects and keys.

fn main() {
    samples::client(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
}
