//! Certificates that stand in a file as text, between `BEGIN` and `END`. It may use `base64`.
//!
//! Also as a string of a program's source has them: with `\n` for a new line, line by line in quotes. Not
//! where other things stand between the lines, as the `+` of languages that join strings by it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// How a certificate begins. Many a program has just that, to write or to recognise one.
pub(crate) const BEGINS: [&str; 3] = [
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN X509 CERTIFICATE-----",
    "-----BEGIN TRUSTED CERTIFICATE-----",
];

/// No certificate whose length has two bytes is longer than this in base64, whatever comes after it.
const LONGEST: usize = 128 << 10;

/// The certificate after such a beginning, if there is one: what `BEGIN` and `END` enclose is the
/// base64 of a SEQUENCE.
pub(crate) fn certificate(text: &[u8]) -> Option<Vec<u8>> {
    let mut base64 = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [b'\\', b'n' | b'r', rest @ ..]
            | [b'\n' | b'\r' | b' ' | b'\t' | b'"' | b'\'' | b',' | b'=', rest @ ..] => rest,
            [b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/', after @ ..]
                if base64.len() < LONGEST =>
            {
                base64.push(rest[0]);
                after
            }
            [b'-', ..] if rest.starts_with(b"-----END ") => break,
            _ => return None,
        }
    }
    let mut der = STANDARD_NO_PAD.decode(base64).ok()?;
    // After a TRUSTED CERTIFICATE there is what it is trusted for.
    let end = match der[..] {
        [0x30, 0x82, a, b, ..] => 4 + usize::from(u16::from_be_bytes([a, b])),
        _ => return None,
    };
    (end <= der.len()).then(|| {
        der.truncate(end);
        der
    })
}

#[cfg(test)]
mod tests {
    use super::certificate;

    #[test]
    fn what_is_enclosed_has_to_be_a_certificate() {
        let whole = Some(vec![0x30, 0x82, 0, 3, 1, 2, 3]);
        for (text, der) in [
            ("\nMIIAAwECAw==\n-----END CERTIFICATE-----", &whole),
            (r#"\n" "MIIAAwEC\n" "Aw==\n-----END CERTIFICATE-----"#, &whole),
            ("\nMIIAAwECAw==\n", &None),
            ("\nMIIAAwECAw==\n-----BEGIN CERTIFICATE-----", &None),
            ("\nMIIABAECAw==\n-----END CERTIFICATE-----", &None),
            ("\nAAAA\n-----END CERTIFICATE-----", &None),
            ("-----END CERTIFICATE-----", &None),
            ("\0", &None),
            ("", &None),
        ] {
            assert_eq!(certificate(text.as_bytes()), *der, "{text}");
        }
    }
}
