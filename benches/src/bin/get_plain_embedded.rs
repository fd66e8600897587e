//! A GET with plain rustls that trusts embedded roots.

use cacerts_benches::{get, port, report, roots};

fn main() {
    report(|| get::get(roots::config(roots::embedded_with_ours()), port()));
}
