//! What the tests of all systems need: certificates, servers, and the two ways to use the product.

#[cfg(unix)]
pub(crate) mod bundle;
pub(crate) mod chains;
pub(crate) mod check;
pub(crate) mod command;
#[cfg(target_os = "linux")]
pub(crate) mod committed;
pub(crate) mod dialog;
#[cfg(unix)]
pub(crate) mod directory;
pub(crate) mod elf;
#[cfg(unix)]
pub(crate) mod handshake;
pub(crate) mod hostile;
pub(crate) mod inspector;
pub(crate) mod library;
#[cfg(unix)]
pub(crate) mod log;
pub(crate) mod minica;
pub(crate) mod openssl;
#[cfg(unix)]
pub(crate) mod own;
pub(crate) mod pack;
pub(crate) mod packages;
pub(crate) mod pe;
pub(crate) mod pki;
pub(crate) mod proxy;
pub(crate) mod real;
#[cfg(unix)]
pub(crate) mod rejection;
#[cfg(unix)]
pub(crate) mod renewal;
pub(crate) mod server;

pub(crate) use command::User;
pub(crate) use library::{alone, alone_with, fetch, get};
pub(crate) use pki::{Identity, Pki};
pub(crate) use proxy::Proxy;
pub(crate) use real::{Setup, Versions};
pub(crate) use server::Server;
