//! Says what a file is that holds no PEM certificate, and what to do about it. It uses nothing else
//! of this crate.

use std::fmt;

/// What a file without certificate blocks looks like.
#[derive(Debug, PartialEq)]
pub(crate) enum Format {
    Blank,
    Comments,
    Der,
    Empty,
    Gzip,
    JavaKeyStore,
    Markup,
    Other,
    /// PEM of another kind: the label of its first block.
    Pem(String),
    Pkcs12,
    Pkcs7,
    Program,
    Utf16,
}

impl Format {
    pub(crate) fn of(bytes: &[u8], label: Option<String>) -> Self {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let text = bytes.trim_ascii_start();
        let is_comment = |line: &[u8]| line.is_empty() || line.starts_with(b"#");
        if let Some(label) = label {
            Self::Pem(label)
        } else if bytes.is_empty() {
            Self::Empty
        } else if starts(b"\x1f\x8b") {
            Self::Gzip
        } else if starts(b"\xfe\xff")
            || starts(b"\xff\xfe")
            || matches!(bytes, [0, _, 0, _, ..] | [_, 0, _, 0, ..])
        {
            Self::Utf16
        } else if starts(b"\xfe\xed\xfe\xed") || starts(b"\xce\xce\xce\xce") {
            Self::JavaKeyStore
        } else if starts(b"\x7fELF") {
            Self::Program
        } else if bytes[0] == 0x30 && bytes.get(1).is_some_and(|length| length & 0x80 != 0) {
            Self::of_der(bytes)
        } else if text.is_empty() {
            Self::Blank
        } else if text.starts_with(b"<") {
            Self::Markup
        } else if text.split(|&b| b == b'\n').all(|line| is_comment(line.trim_ascii())) {
            Self::Comments
        } else {
            Self::Other
        }
    }

    /// Tells the binary formats apart by what the outer SEQUENCE begins with: a PKCS#12 with its
    /// version 3, a PKCS#7 with an object identifier, a certificate with another SEQUENCE.
    fn of_der(bytes: &[u8]) -> Self {
        let length_bytes = usize::from(bytes[1] & 0x7f);
        match bytes.get(2 + length_bytes..).unwrap_or_default() {
            [0x02, 0x01, 0x03, ..] => Self::Pkcs12,
            [0x06, ..] => Self::Pkcs7,
            _ => Self::Der,
        }
    }

    /// Whether there is nothing in the file.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Blank | Self::Comments | Self::Empty)
    }

    /// Whether leaving the file out of a directory may lose a certificate.
    pub(crate) fn may_hold_certificates(&self) -> bool {
        matches!(
            self,
            Self::Der | Self::Gzip | Self::JavaKeyStore | Self::Pkcs12 | Self::Pkcs7 | Self::Utf16
        )
    }
}

/// The end of a sentence that begins with the file's path.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "holds nothing but blanks",
            Self::Comments => "holds nothing but comments",
            Self::Der => "is DER, not PEM; convert it with `openssl x509 -inform DER -in FILE`",
            Self::Empty => "is empty",
            Self::Gzip => "is compressed with gzip; unpack it with `gzip -dc < FILE`",
            Self::JavaKeyStore => {
                "is a Java key store; get its certificates with `keytool -list -rfc -keystore FILE`"
            }
            Self::Markup => "is HTML or XML, not PEM; look at what was downloaded",
            Self::Other => "holds no -----BEGIN CERTIFICATE----- line",
            Self::Pem(label) => return write!(f, "holds no certificate, but a block of {label:?}"),
            Self::Pkcs12 => {
                "is PKCS#12; take its certificates out with `openssl pkcs12 -nokeys -in FILE`"
            }
            Self::Pkcs7 => {
                "is PKCS#7; take its certificates out with `openssl pkcs7 -inform DER -print_certs \
                 -in FILE`"
            }
            Self::Program => "is a program",
            Self::Utf16 => "is UTF-16 text; convert it with `iconv -f UTF-16 -t UTF-8 FILE`",
        })
    }
}
