//! rustls-native-certs until a `ClientConfig` is ready; file only where `SSL_CERT_FILE` is set.

use cacerts_benches::{report, roots};

fn main() {
    report(|| roots::config(roots::native()));
}
