//! Bytes to certificates: what is a certificate in a file and what is not, by which name it is looked
//! for, and what it is trusted for. It opens nothing, and may use `file`, and `resolve` for whom to
//! verify.

pub(crate) mod algorithm;
mod base64;
pub(crate) mod block;
#[cfg(any(test, fuzzing))]
pub(crate) mod check;
pub(crate) mod der;
pub(crate) mod extensions;
pub(crate) mod format;
pub(crate) mod index;
pub(crate) mod name;
mod p11_kit;
pub(crate) mod pem;
pub(crate) mod private_key;
pub(crate) mod seek;
pub(crate) mod signature;
mod trusted;
pub(crate) mod usable;
pub(crate) mod validity;
