//! Embedded roots until a `ClientConfig` is ready.

use cacerts_benches::{report, roots};

fn main() {
    report(|| roots::config(roots::embedded()));
}
