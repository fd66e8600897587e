//! What a file says against trusting a certificate only ever takes away (`src/read/check/marks.rs`), and
//! OpenSSL's trust settings are read as a strict reader of DER reads them.

#![no_main]

mod mutator;

use libfuzzer_sys::fuzz_target;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Decode, Reader, Result, SliceReader, Tag, TagNumber, Tagged};

fuzz_target!(|bytes: &[u8]| {
    cacerts::fuzzing::check_marks(bytes);
    // Behind what stands for a certificate.
    let der = [&[0x30, 0], bytes].concat();
    for clients in [false, true] {
        let Ok(expected) = settings(bytes, clients) else { continue };
        assert_eq!(cacerts::fuzzing::trusted(&der, clients), Some(expected), "clients: {clients}");
    }
});

/// Whether these settings (`X509_CERT_AUX`) let a certificate be trusted.
fn settings(bytes: &[u8], clients: bool) -> Result<bool> {
    if bytes.is_empty() {
        return Ok(true);
    }
    let own = if clients { "1.3.6.1.5.5.7.3.2" } else { "1.3.6.1.5.5.7.3.1" };
    let names = |list: &[u8]| -> Result<bool> {
        let mut reader = SliceReader::new(list)?;
        let mut found = false;
        while !reader.is_finished() {
            let purpose = ObjectIdentifier::decode(&mut reader)?.to_string();
            found |= purpose == own || purpose == "2.5.29.37.0";
        }
        Ok(found)
    };
    let context = |number, constructed| Tag::ContextSpecific { constructed, number };
    let order = [
        Tag::Sequence,
        context(TagNumber::N0, true),
        Tag::Utf8String,
        Tag::OctetString,
        context(TagNumber::N1, true),
    ];
    let all = AnyRef::from_der(bytes)?;
    all.tag().assert_eq(Tag::Sequence)?;
    let mut reader = SliceReader::new(all.value())?;
    let (mut trust, mut reject) = (true, false);
    let mut next = 0;
    while !reader.is_finished() {
        let field = AnyRef::decode(&mut reader)?;
        let place = order[next..].iter().position(|tag| *tag == field.tag());
        next += place.ok_or_else(|| Tag::Null.unexpected_error(Some(field.tag())))? + 1;
        match next {
            1 => trust = names(field.value())?,
            2 => reject = names(field.value())?,
            5 => {
                let mut others = SliceReader::new(field.value())?;
                while !others.is_finished() {
                    AnyRef::decode(&mut others)?.tag().assert_eq(Tag::Sequence)?;
                }
            }
            _ => {}
        }
    }
    Ok(trust && !reject)
}
