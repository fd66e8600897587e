//! What is said of DER between the blocks.

use super::{BEHIND_DER, blocks};
use crate::resolve::Peers;
use rcgen::generate_simple_self_signed;

/// As `cat ca.der ca.pem` makes it.
#[test]
fn a_begin_right_behind_der_is_told_in_words() {
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert;
    // All of it on one line, as it rarely is.
    let line_end = |byte: &u8| if b"\r\n".contains(byte) { 1 } else { *byte };
    let der: Vec<_> = made.der().iter().map(line_end).collect();
    let pem = made.pem();
    let pem = pem.as_bytes();
    let reasons = |parts: &[&[u8]]| {
        let found = blocks(&parts.concat(), Peers::Servers).certificates;
        found.into_iter().map(|block| block.result.err()).collect::<Vec<_>>()
    };
    let told = reasons(&[pem, &der, pem, pem]);
    assert_eq!(told, [None, Some(BEHIND_DER.to_owned()), None]);
    let tail = reasons(&[pem, b"\x0e\xffP\xf3", pem]);
    assert_eq!(tail, [None, Some(BEHIND_DER.to_owned())]);
    let text = reasons(&[pem, "caf\u{e9} ".as_bytes(), pem, b"\nx\xe9 ", pem]);
    for why in text.into_iter().flatten() {
        assert!(why.starts_with("begins with \"") && why.ends_with("CERTIFICATE-----"), "{why}");
    }
}
