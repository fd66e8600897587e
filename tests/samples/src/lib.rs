//! What all samples do: make a rustls configuration, as a client does.

use rustls::{ClientConfig, RootCertStore};

/// Makes it of these roots, and prints how many they are.
pub fn client(roots: RootCertStore) {
    println!("{} roots", roots.len());
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    println!("{:?}", config.alpn_protocols);
}
