//! The library, where the command cannot show it.

use crate::support::{Pki, alone, library::provider};
use cacerts::{ErrorKind, Settings, TlsVersion};
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

/// What takes nothing but a store is no place for the other settings.
#[test]
fn a_store_carries_no_other_setting() {
    alone(a_store_carries_no_other_setting, || {
        let pki = Pki::new();
        let settings = || Settings::new().ca_certs(&pki.root);
        let (one, two) = (settings(), settings().extra_ca_certs(&pki.other));
        let same = settings().verify(true).min_tls_version(TlsVersion::Tls12).reload(false);
        for (settings, certificates) in [(one, 1), (two, 2), (same, 1)] {
            assert_eq!(settings.trust_store().unwrap().len(), certificates, "{settings:?}");
        }
        let error = settings().ca_certs(pki.missing()).trust_store().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StoreMissing, "{error}");
        let identity = pki.client();
        for (settings, named) in [
            (settings().verify(false), "verify"),
            (settings().client_cert(&identity.certificate), "client_cert"),
            (settings().client_key(&identity.key), "client_key"),
            (settings().min_tls_version(TlsVersion::Tls13), "min_tls_version asks for TLS 1.3"),
        ] {
            let error = settings.trust_store().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidSetting, "{error}");
            assert!(error.to_string().contains(named), "{error}");
        }
    });
}

/// Nor those of the process, which a library cannot see.
#[test]
fn a_store_carries_no_other_setting_of_the_process() {
    alone(a_store_carries_no_other_setting_of_the_process, || {
        let pki = Pki::new();
        Settings::new().ca_certs(&pki.root).verify(false).install_default().unwrap();
        let error = Settings::new().trust_store().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSetting, "{error}");
        assert_eq!(error.setting(), Some("verify"));
        assert_eq!(Settings::new().verify(true).trust_store().unwrap().len(), 1);
    });
}
