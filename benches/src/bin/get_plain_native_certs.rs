//! A GET with plain rustls that trusts what rustls-native-certs finds.

use cacerts_benches::{get, port, report, roots};

fn main() {
    report(|| get::get(roots::config(roots::native()), port()));
}
