//! Bytes to certificates: what is a certificate in a file and what is not, by which name it is looked
//! for, and what it is trusted for. It opens nothing, and may use `file`, and `resolve` for whom to
//! verify.
//!
//! ```text
//! pem            the careful reader: every block of a file, by base64
//!  -> trusted      a block with OpenSSL's marks
//!  -> p11_kit      the other kind of file that has marks
//!  -> block        what each came to
//!  -> usable       whether it is a trust anchor
//!  -> format       what a file without any is
//! index, seek    the fast ways through a bundle, which find what the careful one does
//! der            what is in a certificate
//!  -> name, extensions, validity, algorithm, signature, private_key
//! check          what has to hold of all that, for the tests and the fuzz targets
//! ```

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

/// For the fuzz targets.
#[cfg(fuzzing)]
pub(crate) fn trusted(der: &[u8], clients: bool) -> Option<bool> {
    use crate::resolve::Peers;
    let peers = if clients { Peers::Clients } else { Peers::Servers };
    match trusted::certificate(der, peers) {
        Ok(_) => Some(true),
        Err(why) if why.reason.contains("cannot be read") || why.reason.contains("can be read") => {
            None
        }
        Err(_) => Some(false),
    }
}
