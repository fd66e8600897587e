//! What the tests of all systems need: certificates, servers, and the two ways to use the product.

pub(crate) mod command;
pub(crate) mod library;
pub(crate) mod pki;
pub(crate) mod server;

pub(crate) use command::User;
pub(crate) use library::{alone, fetch, get};
pub(crate) use pki::{Identity, Pki};
pub(crate) use server::Server;
