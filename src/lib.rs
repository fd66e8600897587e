//! Lets whoever packages a Rust program decide, at build time, which CA store its TLS clients trust.
//!
//! The packager writes one line into `defaults.toml`, or sets one variable, and the path of the
//! system's store is baked into the program. Its TLS clients, on [rustls], trust that store and no
//! other, unless somebody says otherwise; everybody can see the decision and override it. No roots
//! come with this crate.
//!
//! ```no_run
//! let config = cacerts::client_config()?; // a rustls::ClientConfig
//! # Ok::<(), cacerts::Error>(())
//! ```
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
//! - A store that is replaced, and a certificate of this side that is renewed, are noticed on a handshake,
//!   at most a second later: [`Settings::reload`].
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
//! program that uses this crate.
//!
//! # Features
//!
//! No feature changes which store is trusted.
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
//! - `cli`: the commands `cacerts` and `cargo cacerts`.
//!
//! # What it is not
//!
//! It talks to no Windows or macOS key store, checks no revocation, and speaks no TLS older than 1.2,
//! because rustls does not. As in rustls, a server is known by the alternative names of its certificate
//! and never by its common name; a wildcard stands for one whole label; a key may not be encrypted.

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

/// Holds the code in the README to what compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// For the fuzz target in `fuzz`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    /// Panics where something does not hold that should for any file.
    pub fn check(bytes: &[u8]) {
        crate::read::check::check(bytes);
    }

    /// Changes a bundle so that it mostly stays one.
    pub fn mutate(bytes: &[u8], seed: u64) -> Vec<u8> {
        crate::read::check::mutate(bytes, seed)
    }
}

#[cfg(feature = "client")]
pub use client::{
    CertificateRequest, Client, Endpoint, Handshake, Proxy, Response, Stage, StartTls,
};
pub use error::{Error, ErrorKind};
pub use process::is_privileged;
pub use resolve::{Candidate, Origin, Outcome, Resolution, Source};
#[cfg(feature = "clap")]
pub use settings::{Arguments, Naming, UsualNames};
pub use settings::{ClientAuth, Names, Settings, TlsVersion};
pub use store::{Distrusted, Skipped, StoreKind};
pub use tls::{client_config, crypto_provider};
pub use verify::{TrustStore, UnusableKey};
