//! What can be the matter with a certificate. It may use `random`.

use crate::random::Random;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, CustomExtension, DistinguishedName,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, NameConstraints, SanType, date_time_ymd,
};
use rustls::pki_types::{ServerName, UnixTime};
use std::time::Duration;

pub(crate) struct Kind {
    pub(crate) words: &'static str,
    pub(crate) validity: Validity,
    pub(crate) change: fn(&mut CertificateParams),
}

pub(crate) enum Validity {
    Now,
    Over,
    ToCome,
    Backwards,
}

/// When it is verified, in seconds since 1970: the middle of 2012, 2026 and 2050.
const TIMES: [u64; 3] = [1_341_100_800, 1_782_864_000, 2_540_246_400];

/// Mostly the time at which most are valid.
pub(crate) fn time(random: &mut Random) -> UnixTime {
    let time = if random.percent(90) { TIMES[1] } else { *random.pick(&TIMES) };
    UnixTime::since_unix_epoch(Duration::from_secs(time))
}

impl Validity {
    /// From when to when; twins differ in it as well.
    pub(crate) fn apply(&self, params: &mut CertificateParams, number: usize) {
        let day = u8::try_from(1 + number % 28).unwrap();
        let (from, to) = match self {
            Self::Now => (2020, 2040),
            Self::Over => (2010, 2015),
            Self::ToCome => (2045, 2055),
            Self::Backwards => (2040, 2020),
        };
        params.not_before = date_time_ymd(from, 1, day);
        params.not_after = date_time_ymd(to, 12, day);
    }
}

const fn kind(words: &'static str, change: fn(&mut CertificateParams)) -> Kind {
    Kind { words, validity: Validity::Now, change }
}

/// For authorities; the first has nothing the matter with it.
pub(crate) const AUTHORITIES: &[Kind] = &[
    kind("sound", |_| {}),
    Kind { words: "expired", validity: Validity::Over, change: |_| {} },
    Kind { words: "not valid yet", validity: Validity::ToCome, change: |_| {} },
    kind("permits .com", |p| constrain(p, &["com"], &[])),
    kind("permits example.org", |p| constrain(p, &["example.org"], &[])),
    kind("excludes example.com", |p| constrain(p, &[], &["example.com"])),
    kind("permits 192.0.2.0/24", |p| {
        let net = GeneralSubtree::IpAddress(CidrSubnet::V4([192, 0, 2, 0], [255, 255, 255, 0]));
        p.name_constraints =
            Some(NameConstraints { permitted_subtrees: vec![net], excluded_subtrees: Vec::new() });
    }),
    kind("excludes a directory name", |p| {
        let name = GeneralSubtree::DirectoryName(DistinguishedName::new());
        p.name_constraints =
            Some(NameConstraints { permitted_subtrees: Vec::new(), excluded_subtrees: vec![name] });
    }),
    kind("path length 0", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0))),
    kind("path length 0, with its issuer's key identifier", |p| {
        p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        p.use_authority_key_identifier_extension = true;
    }),
    kind("path length 1", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(1))),
    kind("no authority", |p| p.is_ca = IsCa::NoCa),
    kind("explicitly no authority", |p| p.is_ca = IsCa::ExplicitNoCa),
    kind("for clients", for_clients),
    kind("critical extension", critical),
];

/// For servers; the first has nothing the matter with it.
pub(crate) const SERVERS: &[Kind] = &[
    kind("sound", |_| {}),
    Kind { words: "expired", validity: Validity::Over, change: |_| {} },
    Kind { words: "not valid yet", validity: Validity::ToCome, change: |_| {} },
    Kind { words: "never valid", validity: Validity::Backwards, change: |_| {} },
    kind("an authority", |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
    kind("for clients", for_clients),
    kind("critical extension", critical),
    kind("without names", |p| p.subject_alt_names.clear()),
];

fn constrain(params: &mut CertificateParams, permitted: &[&str], excluded: &[&str]) {
    let subtrees = |names: &[&str]| {
        names.iter().map(|&name| GeneralSubtree::DnsName(name.to_owned())).collect()
    };
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: subtrees(permitted),
        excluded_subtrees: subtrees(excluded),
    });
}

fn for_clients(params: &mut CertificateParams) {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
}

fn critical(params: &mut CertificateParams) {
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
}

const NAMES: [&str; 5] =
    ["www.example.com", "example.org", "*.example.net", "192.0.2.7", "2001:db8::7"];

/// The names of a server.
pub(crate) fn at_home(random: &mut Random) -> Vec<SanType> {
    let name = |name: &str| match name.parse() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(name.try_into().unwrap()),
    };
    (0..1 + random.below(2)).map(|_| name(random.pick::<&str>(&NAMES))).collect()
}

/// The name that somebody wants to speak to.
pub(crate) fn wanted(random: &mut Random, server: Option<&[SanType]>) -> ServerName<'static> {
    let name = match server.and_then(<[_]>::first) {
        Some(SanType::DnsName(name)) => name.as_str().replace('*', "some"),
        Some(SanType::IpAddress(address)) => address.to_string(),
        _ => random.pick(&NAMES).replace('*', "some"),
    };
    name.try_into().unwrap()
}
