//! A GET with plain rustls that trusts the bundle of the second argument, by cacerts.

use cacerts::Settings;
use cacerts_benches::{argument, get, port, report};

fn main() {
    let path = argument(2).unwrap();
    report(|| get::get(Settings::new().ca_certs(path).client_config().unwrap(), port()));
}
