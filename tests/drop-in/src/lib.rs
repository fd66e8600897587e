//! What the programs here have in common: certificates, a server, and other programs that are run.

pub mod pki;
pub mod program;
pub mod server;
