//! rustls-platform-verifier until a `ClientConfig` is ready.

use cacerts_benches::{report, roots};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

fn main() {
    report(|| {
        ClientConfig::builder_with_provider(roots::provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_platform_verifier()
            .unwrap()
            .with_no_client_auth()
    });
}
