//! What is set wrong here, so that no server was asked.

use super::{Answer, Cause};
use cacerts::{Error, ErrorKind};

pub(super) fn find(error: &Error) -> Cause {
    let leads_nowhere = error.path().is_some_and(|path| path.is_symlink() && !path.exists());
    let here = |reason| Cause::new(Answer::Here, reason, format!("was not asked: {error}"));
    match error.kind() {
        ErrorKind::StoreMissing | ErrorKind::StoreInvalid if leads_nowhere => {
            here("store-link").step("Put the link right.")
        }
        ErrorKind::StoreMissing => here("store-missing"),
        ErrorKind::StoreInvalid => here("store-unusable"),
        ErrorKind::NoStore => here("no-store"),
        ErrorKind::ClientCertificate => here("client-certificate-unusable"),
        _ => here("setting"),
    }
}
