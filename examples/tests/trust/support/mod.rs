//! Certificates, the examples as processes, and servers.

pub(crate) mod pki;
pub(crate) mod run;
pub(crate) mod server;
