//! webpki-roots over cacerts, with no roots in it: the trust anchors of the store that was decided on
//! when the program was built, read when somebody first asks for them.
//!
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` replace it, as cacerts has it. There is no way to tell of an error
//! here: it is logged, and the list is empty until the store can be used.

mod note;

use cacerts::{Settings, TrustStore};
use pki_types::TrustAnchor;
use std::fmt;
use std::ops::Deref;
use std::slice::Iter;
use std::sync::OnceLock;

/// What is said of this crate in a program that has it.
const NOTE: &str = concat!("CACERTS_DROP_IN = \"webpki-roots ", env!("CARGO_PKG_VERSION"), "\"\n");

/// The trust anchors, in the place of a slice of them.
///
/// Where a slice is expected, write `&TLS_SERVER_ROOTS`. There is none when the program is
/// compiled: no constant or static can be made of it.
pub const TLS_SERVER_ROOTS: ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt =
    ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt(());

/// Dereferences to a slice. The compiler shows the name where that is not enough.
#[derive(Clone, Copy)]
pub struct ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt(());

static READ: OnceLock<Vec<TrustAnchor<'static>>> = OnceLock::new();

fn read() -> &'static [TrustAnchor<'static>] {
    if let Some(read) = READ.get() {
        return read;
    }
    match Settings::new().trust_store().and_then(TrustStore::only_cas) {
        Ok(store) => READ.get_or_init(|| store.root_cert_store().roots),
        Err(error) => {
            log::error!("the CA store cannot be used, so nobody is trusted: {error}");
            &[]
        }
    }
}

impl Deref for ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt {
    type Target = [TrustAnchor<'static>];

    fn deref(&self) -> &Self::Target {
        read()
    }
}

impl IntoIterator for ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt {
    type Item = &'static TrustAnchor<'static>;
    type IntoIter = Iter<'static, TrustAnchor<'static>>;

    fn into_iter(self) -> Self::IntoIter {
        read().iter()
    }
}

impl From<ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt> for Vec<TrustAnchor<'static>> {
    fn from(_: ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt) -> Self {
        read().to_vec()
    }
}

impl AsRef<[TrustAnchor<'static>]> for ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt {
    fn as_ref(&self) -> &[TrustAnchor<'static>] {
        read()
    }
}

impl fmt::Debug for ReadAtRunTimeSoBorrowItAndMakeNoConstOfIt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        read().fmt(f)
    }
}
