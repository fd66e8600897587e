//! Who is trusted at this moment: the store as it is now, and the verifiers and sessions that go by it.
//! It may use `store`, `read`, `resolve`, `file` and `error`.
//!
//! ```text
//! load           opens what was decided on
//!  -> watch        has it as it is now, on the handshakes of a program
//!  -> looks        how often that is
//! verifier       is this server trusted?
//!  -> pins         by its own certificate
//!  -> algorithms   by which signatures
//!  -> verified     by what chain it was, and whether that would still do
//!  -> origin, forgotten   how a renewed certificate is told from another's
//! sessions       what may be resumed, as long as that holds
//! client_verifier   is this client trusted?
//! list           the store for who takes certificates, and not a verifier
//! ```

pub(crate) mod algorithms;
mod client_verifier;
mod forgotten;
mod list;
mod load;
mod looks;
mod origin;
mod pins;
mod sessions;
#[cfg(test)]
mod tests;
mod verified;
mod verifier;
mod watch;

use crate::error::{Error, ErrorKind};
use crate::read::{der, name};
use crate::resolve::Peers;
#[cfg(doc)]
use crate::resolve::Source;
use crate::shown;
use crate::store::part::Part;
use crate::store::snapshot::{Pin, Snapshot};
use crate::store::{Distrusted, Skipped, StoreKind, path_error};
pub use algorithms::{UnusableKey, of as signature_algorithms};
use client_verifier::ClientVerifier;
pub(crate) use looks::{INTERVAL, Looks, Warned};
use rustls::RootCertStore;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{ClientSessionStore, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::danger::ClientCertVerifier;
use sessions::Sessions;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use verifier::Verifier;
use watch::Watch;

/// The trust anchors of a file or directory, and an account of what was not loaded.
///
/// **A file** is PEM, up to 256 MiB: blocks `CERTIFICATE`, `X509 CERTIFICATE` and OpenSSL's `TRUSTED
/// CERTIFICATE`, with text between them, a byte order mark, blanks around lines, and any line ending.
/// A `TRUSTED CERTIFICATE` is loaded where its settings let it be trusted for TLS servers, and skipped
/// where they do not or cannot be read. p11-kit's own files are read, too: of their sections, those with
/// `trusted: true` are loaded.
///
/// **A directory** is read as OpenSSL reads it where it has files named by subject hash
/// (`5ed36f99.0`): for each hash those numbered from 0 without a gap, up to one that is no sound PEM,
/// and in them the certificates that have the hash. All others are reported. Where no name is the hash of
/// what is in the file (it may be that of OpenSSL 0.9.8, as on Android), every file is read once.
/// Subdirectories are not entered. A file in it that may not be read, or is none, is reported; one that cannot be
/// read at the moment (an I/O error, too many open files) may reject what others hold, and is an error.
///
/// **What is rejected**, by a `TRUSTED CERTIFICATE` with a list that has TLS servers or any purpose in it, or by
/// `x-distrusted: true` in a file of p11-kit, is trusted in no role, wherever else in the store it stands: not
/// as an anchor, not as an intermediate that a server sends, not as the server's own. It is known by its
/// subject and public key, so that a renewed or cross-signed one is rejected as well. A server that has
/// another way to an anchor is trusted by that. [`distrusted`](Self::distrusted) tells what there is. Where
/// p11-kit names only an issuer and a serial number, that is skipped, and said. In a directory with hashed
/// names what is rejected is looked for as what is trusted is, by the hash of its subject.
///
/// Every block that claims to be a certificate is loaded or is in [`skipped`](Self::skipped). A
/// certificate that is there twice counts once.
///
/// What is *not* checked, as in rustls: whether an anchor has expired, or is signed by anybody. Name
/// constraints in an anchor are honoured.
///
/// # Servers' own certificates
///
/// **What says that it is no CA** (basic constraints with CA:FALSE, or none that can be read) is no trust
/// anchor: it is in [`not_ca`](Self::not_ca). A certificate without basic constraints (version 1, old
/// roots) is one, as for OpenSSL.
///
/// **A server whose own certificate is in the store**, byte for byte, is trusted, whoever has issued it and
/// whether it says CA:TRUE (as of `openssl req -x509`), CA:FALSE or nothing. That counts where a person
/// has named the store: for [`load`](Self::load), and of a [`Source`] where its
/// [`origin`](Source::origin) is neither [`BuiltIn`](crate::Origin::BuiltIn) nor
/// [`Search`](crate::Origin::Search). The certificate has to be one of version 3, valid now, for the
/// server's name, and for TLS servers if it has an extended key usage. It is asked for when the chain has
/// not been verified otherwise. A list of CAs cannot say it: who trusts the
/// [`certificates`](Self::certificates) or the [`root_cert_store`](Self::root_cert_store) does not trust such
/// a server, which [`only_cas`](Self::only_cas) tells.
///
/// # What it costs, and when
///
/// Opening a bundle reads its beginning and parses the first certificate, so that there is something to
/// trust; of a directory with hashed names one file is opened. When a server's chain is first verified,
/// an anchor whose name the chain has is looked for by jumping from block to block, and on to the end to
/// see that nothing is rejected. If that one does not verify the chain, and when another one needs another
/// anchor, the bundle is read once from beginning to end, to find its blocks and by what to tell their
/// subjects; nobody is refused before that. The
/// [`verifier`](Self::verifier) parses an anchor when a chain names it, and keeps it. A file that is not
/// in the ordinary form (64 columns, LF, blocks `CERTIFICATE` and comments) is read as a whole: at once
/// where that shows in its first 4 KiB, and else when a chain is first verified. A directory without
/// hashed names is read at once.
///
/// [`len`](Self::len), [`certificates`](Self::certificates), [`skipped`](Self::skipped) and
/// [`root_cert_store`](Self::root_cert_store) have everything read and parsed when the first of them
/// is called. They tell of the file that was opened, whatever has taken its place since; where a bundle
/// was written to before they were called, its old content is not known any more, they tell of
/// nothing, and `skipped` says why; so it is with what cannot be read then, which is logged as an error, and is
/// one of [`whole`](Self::whole). Of a directory with hashed names they tell what is in it when they
/// are called.
///
/// So a block in a bundle that is damaged is found out when somebody asks, or when a handshake ends in an
/// unknown issuer, or has to read the bundle as a whole: then what has to be skipped is logged, once. A
/// directory with hashed names is not read for that; `skipped` and `cacerts explain` tell what is lost in it.
///
/// # When it is replaced
///
/// The verifier and the [`resumption`](Self::resumption) of a store follow its files, as
/// [`Settings::reload`](crate::Settings::reload) describes. Of a directory with hashed names that is
/// emptied only those anchors are kept that were used, and of what it rejects only what was asked for.
/// Whoever wants none of this takes the [`root_cert_store`](Self::root_cert_store).
///
/// # Example
///
/// A configuration of your own; [`client_config`](crate::client_config) makes one like it.
///
/// ```no_run
/// # #[cfg(feature = "ring")] {
/// # use std::sync::Arc;
/// let store = cacerts::TrustStore::load("/etc/ssl/private-ca.pem")?;
/// let provider = Arc::new(rustls::crypto::ring::default_provider());
/// let mut config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
///     .with_safe_default_protocol_versions()?
///     .dangerous() // so rustls calls every verifier but its own
///     .with_custom_certificate_verifier(store.verifier(provider))
///     .with_no_client_auth();
/// config.resumption = store.resumption(); // or sessions outlive what they were verified by
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
#[doc = include_str!("../../docs/odd-files.md")]
#[derive(Clone)]
pub struct TrustStore {
    /// What there was when it was loaded.
    snapshot: Arc<Snapshot>,
    /// What there is now.
    watch: Arc<Watch>,
}

impl TrustStore {
    /// Opens a file or directory; a relative path is one below the working directory of this moment.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StoreMissing`] where there is nothing at the path; [`ErrorKind::StoreInvalid`]
    /// where it is neither a regular file nor a directory, may not be read, is too large, or holds
    /// no usable certificate.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let given = path.as_ref();
        // The working directory may be another one when the store is looked at again.
        let path = std::path::absolute(given).unwrap_or_else(|_| given.to_owned());
        // Whoever calls this has named it.
        match Part::open(&path, Peers::Servers, true).and_then(Part::of_use) {
            Ok(part) => Ok(Self::of(vec![part], Vec::new())),
            Err(problem) => Err(path_error(&path, problem)),
        }
    }

    fn of(parts: Vec<Part>, skipped: Vec<Skipped>) -> Self {
        let parts = parts.into_iter().map(Arc::new).collect();
        let snapshot = Arc::new(Snapshot::new(parts, skipped));
        Self { watch: Arc::new(Watch::new(Arc::clone(&snapshot), watch::KEPT)), snapshot }
    }

    /// The same, which trusts for so long what was removed. For one that nothing was made of yet.
    pub(crate) fn keeping(self, kept: Duration) -> Self {
        Self { watch: Arc::new(Watch::new(Arc::clone(&self.snapshot), kept)), ..self }
    }

    /// The same, read from beginning to end; its verifiers and sessions never look at a file again.
    pub(crate) fn held(&self) -> Result<Self, Error> {
        let parts = self.snapshot.parts().iter().map(|part| part.held().map(Arc::new));
        let parts = parts.collect::<Result<_, _>>()?;
        let snapshot = Arc::new(Snapshot::new(parts, self.snapshot.skipped().to_vec()));
        Ok(Self { watch: Arc::new(Watch::without_looking(Arc::clone(&snapshot))), snapshot })
    }

    /// How many different trust anchors there are. 0 only where there is nothing but servers' own
    /// certificates ([`not_ca`](Self::not_ca)), it was overwritten (see above), or all that it holds is
    /// rejected elsewhere in it.
    #[expect(clippy::len_without_is_empty, reason = "a store that opens has something to trust")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.certificates().len()
    }

    /// What it was loaded from: the first of several, where it was put together.
    #[must_use]
    pub fn kind(&self) -> StoreKind {
        self.snapshot.parts()[0].kind()
    }

    /// That of it which was opened from this path, as a store of its own; `None` where nothing was: the path was
    /// not named, or passed over ([`skipped`](Self::skipped) says why). Nothing is opened again.
    #[must_use]
    pub fn part(&self, path: &Path) -> Option<Self> {
        let part = self.snapshot.parts().iter().find(|part| part.path() == path)?;
        let snapshot = Arc::new(Snapshot::new(vec![Arc::clone(part)], Vec::new()));
        Some(Self { watch: Arc::new(Watch::new(Arc::clone(&snapshot), watch::KEPT)), snapshot })
    }

    /// Whether it was opened from this path, among others.
    pub(crate) fn is_from(&self, path: &Path) -> bool {
        self.snapshot.parts().iter().any(|part| part.path() == path)
    }

    /// The trust anchors, in the order in which they were found, without those that are rejected.
    ///
    /// A list cannot tell of an intermediate that is rejected: whoever goes by this one trusts it where a
    /// server sends it, which [`only_cas`](Self::only_cas) tells. The [`verifier`](Self::verifier) does not.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.snapshot.whole().certificates
    }

    /// The certificates that say that they are no CA, in the order in which they were found. Where a person
    /// has named what they are in, each is trusted for its own server; they issue nothing.
    #[must_use]
    pub fn not_ca(&self) -> &[CertificateDer<'static>] {
        &self.snapshot.whole().not_ca
    }

    /// Whether a server's own certificate is what it is trusted for, because it is in what a person has named.
    /// Its dates, names and usage are left to the [`verifier`](Self::verifier), which goes by the same files:
    /// they are looked at as there. Where that cannot be found out it is not.
    #[must_use]
    pub fn is_pinned(&self, end_entity: &CertificateDer<'_>) -> bool {
        matches!(self.watch.pins(end_entity), Ok((_, Pin::Named)))
    }

    /// Whether one of its verifiers has trusted a server for this certificate of its own, and for no CA's sake, or
    /// [`is_pinned`](Self::is_pinned) was asked of it. It opens nothing.
    #[must_use]
    pub fn has_pinned(&self, end_entity: &CertificateDer<'_>) -> bool {
        self.snapshot.has_pinned(end_entity)
    }

    /// The certificates with this subject, byte for byte, as the content of its SEQUENCE in DER. It is
    /// quicker than looking through all of them: a bundle is indexed, and of a directory with hashed
    /// names some files are opened.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StoreInvalid`] where a file was overwritten since it was opened, or cannot be read at the
    /// moment.
    pub fn named(&self, subject: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
        self.snapshot.named(subject).map_err(|e| {
            e.downcast().unwrap_or_else(|e| Error::new(ErrorKind::StoreInvalid, e.to_string()))
        })
    }

    /// Those of the trust anchors with this subject by which its verifiers have judged a chain that named
    /// it as an issuer: after a good verdict the one that vouches is among them, unless the server is
    /// [pinned](Self::has_pinned), not all of a directory could be read, or the store has changed since this
    /// was loaded. It opens nothing.
    #[must_use]
    pub fn gone_by(&self, subject: &[u8]) -> Vec<CertificateDer<'static>> {
        self.snapshot.gone_by(subject)
    }

    /// What claims to be a certificate, and was not loaded.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.snapshot.whole().skipped
    }

    /// What is rejected, and where; see above.
    #[must_use]
    pub fn distrusted(&self) -> &[Distrusted] {
        &self.snapshot.whole().distrusted
    }

    /// How many times a certificate was found that was there before, and is in [`len`](Self::len) once.
    #[must_use]
    pub fn repeated(&self) -> usize {
        self.snapshot.whole().repeated
    }

    /// Those certificates whose keys can verify nothing where this provider is used, and why: as trust
    /// anchors they are of no use.
    #[must_use]
    pub fn unusable_keys(
        &self,
        provider: &CryptoProvider,
    ) -> Vec<(&CertificateDer<'static>, UnusableKey)> {
        let all = self.certificates().iter();
        all.filter_map(|der| Some((der, UnusableKey::of(der, provider)?))).collect()
    }

    /// The whole store as rustls keeps it, parsed anew in each call: keep it. It stays as it is, and it
    /// is a list as [`certificates`](Self::certificates) is one.
    #[must_use]
    pub fn root_cert_store(&self) -> RootCertStore {
        self.snapshot.whole().roots()
    }

    /// A verifier that trusts this store: a server's certificate has to lead to one of the anchors, or to be
    /// [pinned](Self::is_pinned), and to be valid now and for the server's name. Revocation is not checked.
    ///
    /// Its verdicts and errors are those of rustls' own verifier with the whole store, but for what is
    /// pinned; that of many anchors of one subject those are tried first whose key identifier the chain
    /// names: rustls gives up after 100 signatures, and what it then says may be said here in other words; and
    /// that who would be trusted but for what the store rejects is refused, with [`Distrusted`] as the cause.
    /// With the feature `more-algorithms` it also verifies what the provider has no algorithm for: ECDSA with
    /// P-521 keys, and with P-256 and P-384 keys and SHA-512; not where the provider is one for FIPS, or has
    /// been narrowed down so that it has no ECDSA. Where the store was removed, or cannot be read any more, the
    /// error is [`rustls::Error::Other`] with an [`Error`] in it. It looks at the files at most once a second,
    /// on a handshake; see above.
    #[must_use]
    pub fn verifier(&self, provider: Arc<CryptoProvider>) -> Arc<dyn ServerCertVerifier> {
        Arc::new(Verifier::new(Arc::clone(&self.watch), &provider))
    }

    /// Session resumption for a configuration with a [`verifier`](Self::verifier) of this store: as
    /// rustls has it by default, but sessions are dropped when the store changes, because a handshake
    /// that resumes one verifies nothing; [`Settings::reload`](crate::Settings::reload) tells what is
    /// kept from then on. It is for connections whose servers this store has verified: of others it keeps
    /// no session. [`Settings::client_config`](crate::Settings::client_config)
    /// has it already.
    #[must_use]
    pub fn resumption(&self) -> Resumption {
        Resumption::store(self.sessions())
    }

    /// The sessions of its [`resumption`](Self::resumption), none yet.
    pub(crate) fn sessions(&self) -> Arc<dyn ClientSessionStore> {
        Arc::new(Sessions::new(Arc::clone(&self.watch)))
    }

    /// A verifier of clients, which follows the store as the one of servers does.
    pub(crate) fn client_verifier(
        &self,
        provider: Arc<CryptoProvider>,
        is_required: bool,
    ) -> Arc<dyn ClientCertVerifier> {
        let provider = algorithms::with_all(&provider);
        Arc::new(ClientVerifier::new(Arc::clone(&self.watch), provider, is_required))
    }

    /// Logs what had to be skipped, as far as it is known without reading more.
    pub(crate) fn tell_skipped(&self) {
        self.snapshot.tell_skipped();
    }

    /// Logs what can verify nothing, as far as it is known without reading more.
    pub(crate) fn tell_unusable_keys(&self, provider: &CryptoProvider) {
        for part in self.snapshot.parts() {
            for (at, certificate) in part.certificates().iter().enumerate() {
                if let Some(key) = UnusableKey::of(certificate, provider) {
                    let names = der::names_in(certificate);
                    let name = names.and_then(|names| name::spoken(&certificate[names.subject]));
                    let mut which =
                        format!("certificate {} of {}", at + 1, shown::path(part.path()));
                    if let Some(name) = name {
                        which = format!("{:?} ({which})", shown::shown(&name));
                    }
                    log::warn!("{which} verifies nothing: {key}");
                }
            }
        }
    }
}

/// Only where it was loaded from: there may be thousands of certificates.
impl fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.snapshot.parts().iter().map(|part| part.path()).collect::<Vec<_>>();
        f.debug_struct("TrustStore").field("paths", &paths).finish_non_exhaustive()
    }
}
