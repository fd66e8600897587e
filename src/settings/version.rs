//! The TLS versions that can be asked for. It may use `error`.

use crate::error::{Error, ErrorKind};
use std::fmt;
use std::str::FromStr;

/// A TLS version that rustls speaks: there is no older one than 1.2.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2, RFC 5246.
    Tls12,
    /// TLS 1.3, RFC 8446.
    Tls13,
}

impl FromStr for TlsVersion {
    type Err = Error;

    /// Reads `1.2` or `1.3`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "1.2" => Ok(Self::Tls12),
            "1.3" => Ok(Self::Tls13),
            _ => Err(Error::new(
                ErrorKind::InvalidSetting,
                format!(
                    "{text:?} is not a TLS version that can be asked for: allowed are 1.2 and 1.3 \
                     (rustls speaks neither TLS 1.0 and 1.1 nor SSL)"
                ),
            )),
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        })
    }
}
