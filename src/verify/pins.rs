//! What is asked of a server whose own certificate is named as what to trust. It may use `read`.
//!
//! That it is named is for the store to say ([`Snapshot::pins`]), which chain leads to it does not matter,
//! and its name is verified by rustls as ever. What is left is what webpki would have said of it if it had
//! not been refused for its issuer, or for being a CA.

use crate::read::{extensions, validity};
#[cfg(doc)]
use crate::store::snapshot::Snapshot;
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, Error};

/// Whether a server with this certificate is trusted, which would otherwise be refused for this reason.
pub(super) fn verify(end_entity: &[u8], time: UnixTime, otherwise: Error) -> Result<(), Error> {
    check(end_entity, time).map_err(|why| match (why, otherwise) {
        // It says more.
        (
            CertificateError::InvalidPurpose,
            error @ Error::InvalidCertificate(CertificateError::InvalidPurposeContext { .. }),
        ) => error,
        (why, _) => why.into(),
    })
}

/// Whether a certificate is valid at a time, and may be a server's; an error as rustls has it.
pub(super) fn check(end_entity: &[u8], time: UnixTime) -> Result<(), CertificateError> {
    let [not_before, not_after] =
        validity::validity(end_entity).ok_or(CertificateError::BadEncoding)?;
    if not_before > not_after {
        return Err(CertificateError::Expired);
    }
    if time < not_before {
        return Err(CertificateError::NotValidYetContext { time, not_before });
    }
    if time > not_after {
        return Err(CertificateError::ExpiredContext { time, not_after });
    }
    if !extensions::allows_servers(end_entity) {
        return Err(CertificateError::InvalidPurpose);
    }
    Ok(())
}
