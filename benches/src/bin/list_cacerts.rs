//! All certificates of the system's store, or of the bundle of the first argument.

use cacerts::{Settings, TrustStore};
use cacerts_benches::{argument, report};

fn main() {
    let path = argument(1);
    report(|| {
        let store = match path {
            Some(path) => TrustStore::load(path).unwrap(),
            None => Settings::new().resolve().unwrap().load().unwrap(),
        };
        assert!(!store.certificates().is_empty());
        store
    });
}
