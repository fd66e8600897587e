//! cacerts until a `ClientConfig` is ready: the store that is built in, or that of the argument.

use cacerts::Settings;
use cacerts_benches::{argument, report};

fn main() {
    let path = argument(1);
    report(|| match path {
        None => cacerts::client_config().unwrap(),
        Some(path) => Settings::new().ca_certs(path).client_config().unwrap(),
    });
}
