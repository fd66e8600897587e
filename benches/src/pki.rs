//! The certificates of the local server, made when this crate was built.

use rustls::pki_types::{CertificateDer, Der, PrivatePkcs8KeyDer, TrustAnchor};

macro_rules! made {
    ($include:ident, $name:literal) => {
        $include!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

/// The root, as a block for a bundle.
pub const ROOT_PEM: &str = made!(include_str, "root.pem");

/// The root, as webpki-roots would have it.
pub const ROOT: TrustAnchor<'static> = TrustAnchor {
    subject: Der::from_slice(made!(include_bytes, "root.subject")),
    subject_public_key_info: Der::from_slice(made!(include_bytes, "root.key")),
    name_constraints: None,
};

/// The server's own certificate, valid from 2020 to 2100 for `localhost` and `127.0.0.1`.
pub fn server() -> CertificateDer<'static> {
    CertificateDer::from_slice(made!(include_bytes, "server.der"))
}

/// What the root has issued, and what has issued the server's certificate.
pub fn intermediate() -> CertificateDer<'static> {
    CertificateDer::from_slice(made!(include_bytes, "intermediate.der"))
}

/// The server's key.
pub fn server_key() -> PrivatePkcs8KeyDer<'static> {
    made!(include_bytes, "server.key").as_slice().into()
}
