//! Lets whoever packages a Rust program decide, at build time, which CA store its TLS clients trust.
//!
//! The packager writes one line into `defaults.toml`, or sets one variable, and the path of the
//! system's store is baked into the program. Its TLS clients, on [rustls], trust that store and no
//! other, unless somebody says otherwise; everybody can see the decision and override it. No roots
//! come with this crate.
//!
//! ```no_run
//! // A rustls::ClientConfig that trusts the right store. It follows what is replaced there.
//! let config = cacerts::client_config()?;
//! // What the packager decided.
//! let path: Option<&str> = cacerts::defaults::CACERTS_DEFAULT_PATH;
//! # Ok::<(), cacerts::Error>(())
//! ```
//!
//! With reqwest 0.13, with `rustls-no-provider` as its only feature for TLS:
//!
//! ```ignore
//! let settings = cacerts::Settings::new();
//! let mut config = settings.client_config()?;
//! config.alpn_protocols = vec![b"h2".into(), b"http/1.1".into()]; // for the feature http2
//! let client = reqwest::Client::builder().tls_backend_preconfigured(config).build()?;
//! ```
//!
//! With ureq 3, which takes certificates and no configuration, and `rustls-no-provider`:
//!
//! ```ignore
//! // Not about trust: ureq's feature that brings a crypto provider brings roots, too.
//! let _ = ring::default_provider().install_default();
//!
//! let settings = cacerts::Settings::new();
//! let store = settings.trust_store()?.only_cas()?;
//! let roots = store.certificates().iter().map(|der| Certificate::from_der(der).to_owned());
//! let tls = TlsConfig::builder().root_certs(roots.into()).build();
//! let agent = Agent::new_with_config(Agent::config_builder().tls_config(tls).build());
//! ```
//!
//! Both are compiled and run against a server in `examples`, which is not published with this crate. Its page,
//! `docs/libraries.md`, is: it has what else they need, and hyper-rustls, tokio-rustls, tokio-postgres, tonic,
//! tokio-tungstenite and lettre.
//!
//! # Settings
//!
//! ```no_run
//! use cacerts::Settings;
//!
//! let config = Settings::new()
//!     .extra_ca_certs("/etc/app/test-ca.pem")
//!     .client_cert("/etc/app/client.pem")
//!     .client_key("/etc/app/client.key")
//!     .client_config()?;
//!
//! // The other side of mutual TLS: whose clients may connect is never the system's store.
//! let config = Settings::new()
//!     .client_cert("/etc/app/server.pem")
//!     .client_key("/etc/app/server.key")
//!     .ca_certs("/etc/app/client-ca.pem")
//!     .server_config()?;
//!
//! // For every client in this process, also in libraries; once, and before the first is made:
//! Settings::new().ca_certs("/etc/app/ca.pem").install_default()?;
//!
//! // With the feature `client`, a small blocking HTTPS client:
//! # #[cfg(feature = "client")]
//! let answer = cacerts::Client::new(Settings::new()).get("https://example.com/")?;
//! # Ok::<(), cacerts::Error>(())
//! ```
//!
//! They also come from your command line (feature `clap`), your variables and your configuration file
//! (feature `serde`), under the names that you give them. Help and messages have these names, and each
//! setting has one order: argument, variable, configuration. A certificate and its key are one setting:
//! both are taken from the first of these that has either.
//!
//! ```no_run
//! # #[cfg(all(feature = "clap", feature = "serde"))]
//! # mod app {
//! use cacerts::{Arguments, Names, Naming, Settings};
//!
//! struct Os;
//! impl Naming for Os {
//!     // --ca-certs becomes --os-cacert, and the variable OS_CACERT is read; --extra-ca-certs,
//!     // --client-cert, --client-key, --insecure and --min-tls-version are called as usual.
//!     const NAMES: Names = Names::new().ca_certs(&["--os-cacert"], &["OS_CACERT"]);
//! }
//!
//! #[derive(clap::Parser)]
//! struct Options {
//!     #[command(flatten)]
//!     tls: Arguments<Os>,
//! }
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)] // a misspelt table must not end in a wider trust
//! struct Config {
//!     #[serde(default)]
//!     tls: Settings, // a table: ca_certs, extra_ca_certs, client_cert, client_key, verify, min_tls_version
//! }
//!
//! fn settings(options: &Options, config: Config) -> Settings {
//!     options.tls.settings().over(config.tls.read_from("/etc/app.toml"))
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! What has to be warned of, verification that is off above all, is logged by the crate `log`: a program
//! without a logger says nothing. rustls is 0.23, which your program names itself where it needs its types.
//!
//! # Which store is trusted
//!
//! The first of these that is set decides, alone:
//!
//! | | level | set by |
//! |---|---|---|
//! | 1 | argument | [`Settings::ca_certs`], `Arguments` (feature `clap`) |
//! | 2 | environment | the application's own variables, if it declares any: [`Names`] |
//! | 3 | environment | `SSL_CERT_FILE` (a file) and `SSL_CERT_DIR` (directories, separated by `:`); if either is set, the two together replace all below; where `CACERTS_FILE_VARIABLE` names a variable of the distribution's own, that one takes the place of `SSL_CERT_FILE` |
//! | 4 | config | `ca_certs` in the configuration that the application deserialises into [`Settings`] |
//! | 5 | built-in | [`CACERTS_DEFAULT_PATH`](defaults::CACERTS_DEFAULT_PATH) |
//! | 6 | search | [`CACERTS_SEARCH_PATHS`](defaults::CACERTS_SEARCH_PATHS), the first that exists; only in a build with nothing baked in |
//!
//! - What is set and cannot be used is an error that names the setting and the path. Nothing falls
//!   through to another store; a baked path that is missing is an error, too.
//! - A variable set to the empty string counts as not set, and so does an empty path in a
//!   configuration.
//! - [`Settings::extra_ca_certs`] adds to the store, whichever that is; everything above replaces it.
//! - Of the settings of the process ([`Settings::install_default`]) each stands at its own level, below
//!   what a client's own settings say there.
//! - For every block in a file that claims to be a certificate: it is loaded, or it is
//!   [`Skipped`] with a reason. No usable certificate at all is an error.
//! - A server's own certificate in the store is trusted, whoever has issued it, at levels 1 to 4; at 5 and
//!   6 only CAs are. What says CA:FALSE is none: [`TrustStore`] has more of it.
//! - What a store rejects is trusted in no role, wherever else in it that stands, and whoever sends it:
//!   [`TrustStore`].
//! - Where the process is privileged beyond its caller ([`is_privileged`]), levels 2 and 3 are
//!   ignored.
//! - A store that is replaced, by another file or in place, and a certificate of this side that is renewed, with
//!   its key as a pair or not at all, are noticed on a handshake, at most a second later: [`Settings::reload`]. No
//!   session is resumed that began under the old ones. Something unusable in their place is not used, and a
//!   warning is logged; what is removed is trusted for ten minutes more: [`Settings::keep_removed`]. There is no
//!   thread.
//! - For the clients of a server ([`Settings::server_config`]) only 1, 2 and 4 count: who may connect is
//!   nobody's but this program's decision.
//!
//! [`Settings::resolve`] tells what was decided and why; the `cacerts explain` command prints it. Where a
//! connection fails, [`Settings::explain`] makes of any client's error one that says by which store.
//!
//! # When building
//!
//! `CACERTS_DEFAULT_PATH` (variable) beats the file that `CACERTS_DEFAULTS_FILE` (variable) names,
//! which beats `defaults.toml`, key by key. The baked values are in [`defaults`], in the metadata for
//! dependent build scripts (`DEP_CACERTS_DEFAULT_PATH`), and in the ELF note `.note.cacerts` of every
//! program that uses this crate (in a PE file a section `.cacerts`). `packaging/README.md`, which comes along with this crate, has all ways to set it.
//!
//! `cargo run` and `cargo test` export a CA store of cargo's own finding, as `SSL_CERT_FILE` and
//! `SSL_CERT_DIR`, to what they run, and these beat what is baked in. To see your program as its users
//! will, run the binary itself, or set both to the empty string in the `[env]` table of your
//! `.cargo/config.toml`, as this project does.
//!
//! # Features
//!
//! No feature changes which store is trusted. The library brings in rustls and little else: 18 crates with ring,
//! 11 of which are rustls with ring itself (`cargo tree -e normal --prefix none --no-dedupe | sort -u` lists them,
//! and this one). It needs Rust 1.85.
//!
//! - `ring` (default), `aws-lc-rs`: the crypto provider that is used where the process has not
//!   installed one. ring is the default, and is taken where both are on, because aws-lc-rs spends some
//!   400 million instructions (50 ms) on seeding its random numbers at the first connection of a
//!   process, twenty times what loading a trust store costs.
//! - `serde`: [`Settings`] can be deserialised.
//! - `clap`: `Arguments`, an argument group with the settings, under the application's own names.
//! - `client`: `Client`, on ureq without its TLS. ureq is blocking and small; it takes no rustls
//!   configuration, so the connector that puts TLS on its connections is ours, through an interface
//!   that may change with its minor versions, to which the dependency is therefore pinned. reqwest
//!   would take a configuration and bring tokio.
//! - `more-algorithms`: ECDSA with P-521 keys, and with P-256 and P-384 keys and SHA-512, which
//!   aws-lc-rs verifies and ring does not, by the crates p256, p384 and p521. They are asked for nothing
//!   that the provider can do. A small program is a quarter of a megabyte larger, and a signature by a
//!   P-521 key takes 15 million instructions (3 ms). [`TrustStore::unusable_keys`] tells what is left.
//! - `require-path`: a build with nothing baked in stops, for programs whose packages must have a path.
//! - `cli`: the commands `cacerts` and `cargo cacerts`.
//!
//! # What it is not
//!
//! It talks to no Windows or macOS key store, checks no revocation, and speaks no TLS older than 1.2,
//! because rustls does not. As in rustls, a server is known by the alternative names of its certificate
//! and never by its common name; a wildcard stands for one whole label; a key may not be encrypted.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(test)]
mod bake;
#[cfg(feature = "client")]
mod client;
pub mod defaults;
mod error;
mod file;
mod note;
mod process;
mod read;
mod resolve;
mod settings;
mod shown;
mod store;
mod tls;
mod verify;

/// For the fuzz targets in `fuzz`: what panics where something does not hold that should for any input, and
/// what they compare with.
#[cfg(fuzzing)]
#[doc(hidden)]
#[allow(missing_docs, reason = "for nobody else")]
pub mod fuzzing {
    #[cfg(feature = "client")]
    pub use crate::client::fuzzing as client;

    pub fn check(bytes: &[u8]) {
        crate::read::check::check(bytes);
    }

    pub fn check_marks(bytes: &[u8]) {
        crate::read::check::marks::check(bytes);
    }

    pub fn check_name(bytes: &[u8]) {
        crate::read::check::name::check(bytes);
    }

    /// Changes a bundle so that it mostly stays one.
    pub fn mutate(bytes: &[u8], seed: u64) -> Vec<u8> {
        crate::read::check::mutate(bytes, seed)
    }

    /// By which `openssl rehash` names the file of whoever has this name.
    pub fn hash(name: &[u8]) -> Option<u32> {
        crate::read::name::hash(name)
    }

    /// Whether a `TRUSTED CERTIFICATE` is one for servers, or clients; `None` where it cannot be read.
    pub fn trusted(der: &[u8], clients: bool) -> Option<bool> {
        crate::read::trusted(der, clients)
    }
}

#[cfg(feature = "client")]
pub use client::{
    CertificateRequest, Client, Endpoint, Handshake, Proxy, ProxyAnswer, Response, Stage, StartTls,
};
pub use error::{Error, ErrorKind};
pub use process::is_privileged;
pub use resolve::{Candidate, Origin, Outcome, Resolution, Source};
#[cfg(feature = "clap")]
pub use settings::{Arguments, Naming, UsualNames};
pub use settings::{ClientAuth, Names, Settings, TlsVersion};
pub use store::{Distrusted, Skipped, SkippedKind, StoreKind};
pub use tls::{client_config, crypto_provider};
pub use verify::{TrustStore, UnusableKey, signature_algorithms};
