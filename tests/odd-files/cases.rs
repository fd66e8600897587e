//! The odd files: each made from the same three certificates. The test of the table, the unit tests of
//! the PEM reader and, by way of `ODD_FILES_INTO`, the fuzz target take them from here. It uses rcgen only.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, PKCS_ED25519, date_time_ymd,
};

/// A CA and a server that it has issued a certificate to, in DER.
pub(crate) struct Authority {
    pub(crate) certificate: Vec<u8>,
    /// The same, but that it says that it is none.
    pub(crate) no_ca: Vec<u8>,
    pub(crate) server: Vec<u8>,
    /// Its revocation list, with nothing on it.
    pub(crate) revoked: Vec<u8>,
}

/// The name of every server.
pub(crate) const SERVER: &str = "server.example";

impl Authority {
    /// Ed25519, because its signatures all have the same length: whatever the key, the same lines are
    /// in the same places, and messages that count them are the same in each run.
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.serial_number = Some(1.into());
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let certificate = params.self_signed(&key).unwrap().der().to_vec();
        // Not a multiple of three, so that the base64 ends with a `=`.
        assert_eq!(certificate.len() % 3, 2, "{}", certificate.len());
        let mut no_ca = params.clone();
        no_ca.is_ca = IsCa::ExplicitNoCa;
        let no_ca = no_ca.self_signed(&key).unwrap().der().to_vec();
        let issuer = Issuer::new(params, key);
        let mut params = CertificateParams::new([SERVER.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, format!("{name}'s server"));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.serial_number = Some(2.into());
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let server = params.signed_by(&key, &issuer).unwrap().der().to_vec();
        let revoked = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(2049, 1, 1),
            crl_number: 1.into(),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let revoked = revoked.signed_by(&issuer).unwrap().der().to_vec();
        Self { certificate, no_ca, server, revoked }
    }

    pub(crate) fn three() -> [Self; 3] {
        ["Oldest Test Root", "Middle Test Root", "Newest Test Root"].map(Self::new)
    }
}

/// A file, and how many certificates it was made from.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) holds: usize,
    pub(crate) content: Vec<u8>,
}

/// All of them, in the table's order.
pub(crate) fn cases(authorities: &[Authority; 3]) -> Vec<Case> {
    let case = |holds, (name, content)| Case { name, holds, content };
    let mut cases = Vec::new();
    cases.extend(layouts(authorities).map(|(name, text)| case(3, (name, text.into_bytes()))));
    cases.extend(labels(authorities).map(|(name, text)| case(3, (name, text.into_bytes()))));
    cases.extend(distrust(authorities).map(|(name, text)| case(3, (name, text.into_bytes()))));
    cases.extend(damages(authorities).map(|(name, text)| case(3, (name, text.into_bytes()))));
    cases.extend(between(authorities));
    cases.extend(formats(authorities));
    cases
}

const LABEL: &str = "CERTIFICATE";

fn begin(label: &str) -> String {
    format!("-----BEGIN {label}-----\n")
}

fn end(label: &str) -> String {
    format!("-----END {label}-----\n")
}

/// A block with lines of so many characters.
fn block(label: &str, body: &[u8], columns: usize) -> String {
    format!("{}{}{}", begin(label), lines(&base64(body), columns), end(label))
}

fn lines(text: &str, columns: usize) -> String {
    let line = |chunk: &[u8]| String::from_utf8(chunk.to_vec()).unwrap() + "\n";
    text.as_bytes().chunks(columns).map(line).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits = (0..3).fold(0, |bits, i| bits << 8 | usize::from(*group.get(i).unwrap_or(&0)));
        let digit = move |i: usize| DIGITS[bits >> (18 - 6 * i) & 63] as char;
        let used = group.len() + 1;
        (0..4).map(move |i| if i < used { digit(i) } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// A certificate as it should be.
pub(crate) fn pem(der: &[u8]) -> String {
    block(LABEL, der, 64)
}

fn plain(authorities: &[Authority; 3]) -> [String; 3] {
    authorities.each_ref().map(|authority| pem(&authority.certificate))
}

type Texts = std::vec::IntoIter<(&'static str, String)>;

/// Whole files laid out in another way; nothing is damaged.
fn layouts(authorities: &[Authority; 3]) -> Texts {
    let [a, b, c] = plain(authorities);
    let all = format!("{a}{b}{c}");
    let each = |change: &dyn Fn(&str) -> String| all.lines().map(change).collect::<String>();
    let columns = |columns| {
        let block = |authority: &Authority| block(LABEL, &authority.certificate, columns);
        authorities.iter().map(block).collect::<String>()
    };
    let inside = |what: &str| {
        let body = base64(&authorities[0].certificate);
        format!(
            "{}{}{what}{}{}{b}{c}",
            begin(LABEL),
            lines(&body[..64], 64),
            lines(&body[64..], 64),
            end(LABEL)
        )
    };
    vec![
        ("three certificates, 64 columns, LF", all.clone()),
        ("a UTF-8 byte order mark", format!("\u{feff}{all}")),
        ("CRLF line ends", all.replace('\n', "\r\n")),
        ("CR line ends", all.replace('\n', "\r")),
        ("no final newline", all.trim_end().to_owned()),
        ("END glued to the next BEGIN", format!("{}{}{c}", a.trim_end(), b.trim_end())),
        (
            "text between blocks",
            format!("# first\n{a}\nsubject=CN = other\n{b}\nthird:\n{c}the end\n"),
        ),
        ("text with lines of dashes", format!("-----\n{a}---------- x\n{b}--\n-----\n{c}")),
        ("text behind END", format!("{} # first\n{b}{c}", a.trim_end())),
        ("indented by blanks", each(&|line| format!("   {line}\n"))),
        ("BEGIN of the second indented", format!("{a} {b}{c}")),
        ("blanks at line ends", each(&|line| format!("{line}  \n"))),
        ("tabs at line ends", each(&|line| format!("{line}\t\n"))),
        ("one long line", columns(usize::MAX)),
        ("76 columns", columns(76)),
        ("one character a line", columns(1)),
        ("a blank line inside", inside("\n")),
        ("a line of blanks inside", inside(" \t \n")),
        ("a blank inside a line", a.replacen("MII", "MI I", 1) + &b + &c),
        ("a form feed inside", inside("\u{c}\n")),
        ("a NUL byte between", format!("{a}\0\n{b}\0{c}")),
    ]
    .into_iter()
}

/// What OpenSSL writes behind a certificate in a TRUSTED block.
fn settings(trusted: Option<u8>, rejected: Option<u8>) -> Vec<u8> {
    // id-kp, of which 1 is serverAuth and 4 emailProtection.
    let purpose = |last| der(0x06, &[&[0x2b, 6, 1, 5, 5, 7, 3, last]]);
    let trusted = trusted.map(|last| der(0x30, &[&purpose(last)])).unwrap_or_default();
    let rejected = rejected.map(|last| der(0xa0, &[&purpose(last)])).unwrap_or_default();
    der(0x30, &[&trusted, &rejected])
}

/// The first certificate in a block of another kind.
fn labels(authorities: &[Authority; 3]) -> Texts {
    let first = &authorities[0].certificate;
    let [a, b, c] = plain(authorities);
    let renamed = |label: &str| format!("{}{b}{c}", a.replace(LABEL, label));
    let trusted = |settings: &[u8]| {
        let body = [first, settings].concat();
        format!("{}{b}{c}", block("TRUSTED CERTIFICATE", &body, 64))
    };
    vec![
        ("`X509 CERTIFICATE`", renamed("X509 CERTIFICATE")),
        ("`TRUSTED CERTIFICATE` without settings", trusted(&[])),
        ("`TRUSTED CERTIFICATE` for serverAuth", trusted(&settings(Some(1), None))),
        ("`TRUSTED CERTIFICATE` rejected for serverAuth", trusted(&settings(None, Some(1)))),
        ("`TRUSTED CERTIFICATE` for email only", trusted(&settings(Some(4), None))),
        ("`certificate` in small letters", renamed("certificate")),
        ("an unknown label", renamed("X.509 CERTIFICATE")),
        ("a blank behind the label", renamed("CERTIFICATE ")),
    ]
    .into_iter()
}

/// The first certificate rejected, beside itself, or in a file of p11-kit.
fn distrust(authorities: &[Authority; 3]) -> Texts {
    let [a, b, c] = plain(authorities);
    let body = [&authorities[0].certificate[..], &settings(None, Some(1))].concat();
    let rejected = block("TRUSTED CERTIFICATE", &body, 64);
    let section = |attribute: &str, pem: &str| format!("[p11-kit-object-v1]\n{attribute}{pem}");
    let others = section("trusted: true\n", &b) + &section("trusted: true\n", &c);
    vec![
        ("one that is rejected behind itself", format!("{a}{rejected}{b}{c}")),
        ("one that is rejected before itself", format!("{rejected}{a}{b}{c}")),
        ("p11-kit, all of them trusted", section("trusted: true\n", &a) + &others),
        ("p11-kit, one neither trusted nor distrusted", section("", &a) + &others),
        ("p11-kit, one distrusted", section("x-distrusted: true\n", &a) + &others),
        (
            "p11-kit, one distrusted behind itself",
            a.clone() + &section("x-distrusted: true\n", &a) + &others,
        ),
    ]
    .into_iter()
}

/// The first certificate damaged, or the third where that makes a difference.
fn damages(authorities: &[Authority; 3]) -> Texts {
    let first = &authorities[0].certificate;
    let [a, b, c] = plain(authorities);
    let text = base64(first);
    let (begin, end) = (begin(LABEL), end(LABEL));
    let with = |body: &str| format!("{begin}{}{end}{b}{c}", lines(body, 64));
    let behind_begin = |what: &str| format!("{begin}{what}{}{b}{c}", &a[begin.len()..]);
    // The last digit before the `=` carries two bits that belong to no byte.
    let last = text.len() - 2;
    let next = (text.as_bytes()[last] + 1) as char;
    vec![
        ("a character that is not base64", with(&text.replacen("MII", "M!I", 1))),
        ("header lines inside", behind_begin("Proc-Type: 4,CLEAR\n\n")),
        ("a comment inside", behind_begin("# first\n")),
        ("commented out", format!("# {}\n{b}{c}", a.trim_end().replace('\n', "\n# "))),
        ("text before BEGIN", format!("first: {a}{b}{c}")),
        ("text behind BEGIN", a.replacen("-----\n", "----- first\n", 1) + &b + &c),
        ("six dashes", format!("-{a}{b}{c}")),
        ("END missing", format!("{}{b}{c}", a.strip_suffix(&end).unwrap())),
        ("END of the last missing", format!("{a}{b}{}", c.strip_suffix(&end).unwrap())),
        ("BEGIN missing", format!("{}{b}{c}", a.strip_prefix(&begin).unwrap())),
        ("END with another label", a.replace("END CERT", "END X509 CERT") + &b + &c),
        ("padding missing", with(text.trim_end_matches('='))),
        ("too much padding", with(&format!("{text}=="))),
        ("bits behind the end of base64", with(&format!("{}{next}=", &text[..last]))),
        ("a byte behind the end of DER", with(&base64(&[first, &[0][..]].concat()))),
        ("DER cut off", with(&base64(&first[..first.len() - 9]))),
        ("an empty block", format!("{begin}{end}{b}{c}")),
    ]
    .into_iter()
}

/// Other blocks, or the same twice.
fn between(authorities: &[Authority; 3]) -> Vec<Case> {
    let [a, b, c] = plain(authorities);
    let key = block("PRIVATE KEY", &KeyPair::generate().unwrap().serialize_der(), 64);
    let crl = block("X509 CRL", &authorities[0].revoked, 64);
    let bad_key = "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n";
    [
        ("one of them twice", 2, format!("{a}{a}{b}")),
        ("one that says CA:FALSE", 3, format!("{}{b}{c}", pem(&authorities[0].no_ca))),
        ("a private key between", 3, format!("{a}{key}{b}{c}")),
        ("a key that is not base64 between", 3, format!("{a}{bad_key}{b}{c}")),
        ("a revocation list between", 3, format!("{a}{crl}{b}{c}")),
        ("only a key", 0, key.clone()),
        ("only comments", 0, "# no certificate\n\n# is here\n".to_owned()),
        ("an empty file", 0, String::new()),
        ("an HTML page", 0, "<!DOCTYPE html>\n<title>404</title>\n<p>Not found.\n".to_owned()),
    ]
    .map(|(name, holds, text)| Case { name, holds, content: text.into_bytes() })
    .into()
}

/// Certificates in something other than PEM.
fn formats(authorities: &[Authority; 3]) -> Vec<Case> {
    let all = plain(authorities).concat();
    let certificates = authorities.each_ref().map(|authority| &authority.certificate[..]);
    let pkcs7 = pkcs7(&certificates);
    let utf16 = ("\u{feff}".to_owned() + &all).encode_utf16().flat_map(u16::to_le_bytes).collect();
    [
        ("DER", 1, certificates[0].to_vec()),
        ("DER between two blocks", 3, der_between(authorities, b"\n")),
        ("DER right behind a block", 3, der_between(authorities, b"")),
        ("PKCS#7 in PEM", 3, block("PKCS7", &pkcs7, 64).into_bytes()),
        ("PKCS#7 in DER", 3, pkcs7),
        ("PKCS#12", 3, pkcs12(&certificates)),
        ("a Java key store", 3, java_key_store(&certificates)),
        ("PEM, packed with gzip", 3, gzip(all.as_bytes())),
        ("PEM in UTF-16", 3, utf16),
    ]
    .map(|(name, holds, content)| Case { name, holds, content })
    .into()
}

/// As Debian's `update-ca-certificates` puts it there, with a line end behind it.
fn der_between(authorities: &[Authority; 3], line_end: &[u8]) -> Vec<u8> {
    let [first, _, last] = plain(authorities);
    let certificate = &authorities[1].certificate;
    [first.trim_end().as_bytes(), line_end, certificate, b"\n", last.as_bytes()].concat()
}

/// An element in DER.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match content.len() {
        short @ 0..0x80 => vec![short as u8],
        long => [&[0x82][..], &(long as u16).to_be_bytes()].concat(),
    };
    [&[tag][..], &length, &content].concat()
}

/// An identifier below pkcs, 1.2.840.113549.1.
fn pkcs(rest: &[u8]) -> Vec<u8> {
    der(0x06, &[b"\x2a\x86\x48\x86\xf7\x0d\x01", rest])
}

/// Signed data that nobody has signed, which is how lists of certificates are sent.
fn pkcs7(certificates: &[&[u8]]) -> Vec<u8> {
    let data = der(0x30, &[&pkcs(&[7, 1])]);
    let nothing = der(0x31, &[]);
    let certificates = der(0xa0, certificates);
    let signed = der(0x30, &[&[2, 1, 1], &nothing, &data, &certificates, &nothing]);
    der(0x30, &[&pkcs(&[7, 2]), &der(0xa0, &[&signed])])
}

/// Neither encrypted nor sealed.
fn pkcs12(certificates: &[&[u8]]) -> Vec<u8> {
    let data = |content: &[u8]| der(0x30, &[&pkcs(&[7, 1]), &der(0xa0, &[&der(0x04, &[content])])]);
    let bag = |certificate: &&[u8]| {
        let value = der(0xa0, &[&der(0x04, &[certificate])]);
        let certificate = der(0x30, &[&pkcs(&[9, 22, 1]), &value]);
        der(0x30, &[&pkcs(&[12, 10, 1, 3]), &der(0xa0, &[&certificate])])
    };
    let bags: Vec<_> = certificates.iter().map(bag).collect();
    let contents = data(&der(0x30, &[&bags.concat()]));
    der(0x30, &[&[2, 1, 3], &data(&der(0x30, &[&contents]))])
}

/// With zeros for the digest at its end, which takes SHA-1 and a password.
fn java_key_store(certificates: &[&[u8]]) -> Vec<u8> {
    let mut store = b"\xfe\xed\xfe\xed\0\0\0\x02".to_vec();
    store.extend((certificates.len() as u32).to_be_bytes());
    for (i, certificate) in certificates.iter().enumerate() {
        // A trusted certificate: its alias, the date, the type, the bytes.
        store.extend([0, 0, 0, 2, 0, 1, b'a' + i as u8, 0, 0, 1, 0x99, 0, 0, 0, 0]);
        store.extend(b"\0\x05X.509");
        store.extend((certificate.len() as u32).to_be_bytes());
        store.extend(*certificate);
    }
    store.extend([0; 20]);
    store
}

/// One block with the code that needs no table, each byte for itself.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let crc = !bytes.iter().fold(!0u32, |crc, &byte| {
        let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        (0..8).fold(crc ^ u32::from(byte), step)
    });
    // The last block, of that kind; then ASCII in eight bits a byte, and seven that say it is over.
    let mut bits = vec![true, true, false];
    for byte in bytes {
        bits.extend((0..8).rev().map(|i| (byte + 0x30) >> i & 1 == 1));
    }
    bits.extend([false; 7]);
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
    let mut packed = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    packed.extend(bits.chunks(8).map(byte));
    packed.extend(crc.to_le_bytes());
    packed.extend((bytes.len() as u32).to_le_bytes());
    packed
}
