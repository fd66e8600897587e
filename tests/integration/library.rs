//! The library, where the command cannot show it.

use crate::support::{alone, library::provider};
use cacerts::Settings;
use rustls::crypto::CryptoProvider;

/// One that can be told from what a feature would bring.
#[test]
fn an_installed_crypto_provider_is_respected() {
    alone(an_installed_crypto_provider_is_respected, || {
        let suites = || {
            let config = Settings::new().verify(false).client_config().unwrap();
            config.crypto_provider().cipher_suites.len()
        };
        assert!(suites() > 1);
        let mut installed = CryptoProvider::clone(&provider());
        installed.cipher_suites.truncate(1);
        installed.install_default().unwrap();
        assert_eq!(suites(), 1);
    });
}
