//! Trust anchors and settings to a configuration for servers, whose clients have certificates.

use super::identity::Files;
use super::renewal::Identity;
use super::{provider, store, unusable_provider, versions};
use crate::error::{Error, ErrorKind};
use crate::resolve::Asked;
use crate::settings::{ClientAuth, Setting, Settings};
use crate::verify::algorithms;
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use std::sync::Arc;

impl Settings {
    /// A configuration for the other side of mutual TLS: a server that asks its clients for a
    /// certificate.
    ///
    /// The same settings mean here: `client_cert` and `client_key` are the certificate (with the chain
    /// after it) and the key of **this server**; clients have to show a certificate, valid now and for
    /// client authentication, that leads to `ca_certs` or to `extra_ca_certs`; `min_tls_version` is the
    /// oldest that is spoken. Whether a client may show none is [`client_auth`](Self::client_auth).
    /// ALPN is left empty.
    ///
    /// Only what these settings name decides who may connect: an argument, a variable that the
    /// application has declared, or configuration. `SSL_CERT_FILE`, `SSL_CERT_DIR`, the built-in path
    /// and the settings of the process are about servers in the world at large, and are not gone by.
    ///
    /// The server follows its store as a client does ([`reload`](Self::reload)): connections are taken
    /// by what it holds at most a second later. So it does with its own certificate and key: a pair that
    /// is renewed is shown at most a second later, and one that is half renewed is waited for. It resumes
    /// no sessions, because that would let a client in without looking at its certificate again, and it
    /// names no CAs to its clients when it asks, because rustls could not name others later. With
    /// `reload(false)` all is read once, the subjects of the store are named unless it rejects any, and
    /// sessions are resumed as rustls does by default.
    ///
    /// A `TRUSTED CERTIFICATE` in the store counts by what its settings say of TLS clients; one that is
    /// rejected for them is trusted in no role ([`TrustStore`](crate::TrustStore)). Which store it
    /// is, [`resolve`](Self::resolve) does not tell: that is about servers.
    ///
    /// What is *not* checked: revocation, and the name in a client's certificate. It is in
    /// `peer_certificates` of the connection, and what its owner may do is for the application to say.
    ///
    /// # Errors
    ///
    /// Those of [`client_config`](Self::client_config), and: [`ErrorKind::NoStore`] where no `ca_certs`
    /// is set; [`ErrorKind::ClientCertificate`] where there is no certificate;
    /// [`ErrorKind::InvalidSetting`] where `verify` is `false`.
    ///
    /// # Example
    ///
    /// ```no_run
    /// let config = cacerts::Settings::new()
    ///     .client_cert("/etc/app/server.pem")
    ///     .client_key("/etc/app/server.key")
    ///     .ca_certs("/etc/app/client-ca.pem")
    ///     .server_config()?;
    /// # Ok::<(), cacerts::Error>(())
    /// ```
    pub fn server_config(&self) -> Result<ServerConfig, Error> {
        let asked = Asked::of_server(self);
        if let (false, Some(named)) = asked.verifies()? {
            return Err(Error::new(
                ErrorKind::InvalidSetting,
                format!(
                    "{named} turns verification off, and a server that asks for certificates \
                     without verifying them would let in anybody under any name; leave it out"
                ),
            )
            .with_setting(named.name));
        }
        let versions = versions(asked.tls_minimum()?);
        let provider = provider()?;
        let follows = asked.reload();
        let Some(files) = Files::asked(asked)? else {
            let name = asked.name(Setting::ClientCert);
            return Err(Error::new(
                ErrorKind::ClientCertificate,
                format!("{name} is not set, and a server needs a certificate; name one with it"),
            )
            .with_setting(name));
        };
        let identity = Identity::read(files, &provider, follows)?;
        let resolution = asked.resolve_clients()?;
        let store = store(asked, &resolution)?;
        store.tell_unusable_keys(&provider);
        let required = self.client_auth.unwrap_or_default() == ClientAuth::Required;
        // What rustls has by itself cannot reject an intermediate certificate.
        let verifier = if follows || !store.distrusted().is_empty() {
            store.client_verifier(Arc::clone(&provider), required)
        } else {
            let roots = Arc::new(store.root_cert_store());
            let verifier =
                WebPkiClientVerifier::builder_with_provider(roots, algorithms::with_all(&provider));
            let verifier = if required { verifier } else { verifier.allow_unauthenticated() };
            let unusable = |e: rustls::server::VerifierBuilderError| {
                Error::new(ErrorKind::StoreInvalid, e.to_string())
            };
            verifier.build().map_err(unusable)?
        };
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|e| unusable_provider(&e))?
            .with_client_cert_verifier(verifier);
        let mut config = builder.with_cert_resolver(identity);
        if follows {
            config.session_storage = Arc::new(NoServerSessionStorage {});
        }
        Ok(config)
    }
}
