//! A small world of authorities, with every mishap that certificates know, to draw from. It may
//! use `alter` and `random`.

use crate::alter;
use crate::kinds::{AUTHORITIES, Kind, SERVERS, at_home};
use crate::random::Random;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, IsCa, Issuer, KeyPair,
    PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SanType, SerialNumber,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::ops::Range;

/// How many anchors of one name make rustls give up: it checks a hundred signatures.
const CROWD: usize = 110;

/// A name and a key.
struct Authority {
    name: CertificateParams,
    key: usize,
}

pub(crate) struct Certificate {
    pub(crate) der: CertificateDer<'static>,
    /// In words, for whoever has to understand a case.
    pub(crate) label: String,
    /// The authority that it is for, if any.
    pub(crate) subject: Option<usize>,
    pub(crate) issuer: usize,
    pub(crate) sound: bool,
    /// What a server goes by.
    pub(crate) names: Vec<SanType>,
}

pub(crate) struct World {
    keys: Vec<KeyPair>,
    authorities: Vec<Authority>,
    pub(crate) certificates: Vec<Certificate>,
    /// Indices of servers' certificates.
    pub(crate) servers: Vec<usize>,
    /// Indices of many certificates for one authority, which issues nothing.
    crowd: Range<usize>,
}

impl World {
    pub(crate) fn new(random: &mut Random) -> Self {
        let mut world = Self {
            keys: keys(random),
            authorities: Vec::new(),
            certificates: Vec::new(),
            servers: Vec::new(),
            crowd: 0..0,
        };
        let roots = world.roots(random);
        let intermediates = world.issued("Intermediate", 5, &roots, random);
        let below = world.issued("Below", 4, &intermediates, random);
        for _ in 0..3 {
            // Round in circles.
            world.certify(*random.pick(&intermediates), *random.pick(&below), random);
        }
        let ladder = world.ladder(roots[0], random);
        let crowd = world.crowd(random);
        for number in 0..44 {
            let issuer = match random.below(20) {
                _ if number == 0 => crowd,
                0..3 => *random.pick(&roots),
                3..10 => *random.pick(&intermediates),
                10..15 => *random.pick(&below),
                15..17 => *random.pick(&ladder[3..]),
                17 => ladder[7],
                18 => crowd,
                _ => {
                    let name = named(&format!("Alone {number}"));
                    world.authority(name, random)
                }
            };
            world.server(number, issuer, random);
        }
        world
    }

    /// Any one of the certificates.
    pub(crate) fn any(&self, random: &mut Random) -> usize {
        let index = random.below(self.certificates.len() - self.crowd.len());
        if index < self.crowd.start { index } else { index + self.crowd.len() }
    }

    /// Some of the many certificates that a name has, and the one that matters: the first server is
    /// issued by its authority.
    pub(crate) fn crowded(&self, random: &mut Random) -> Vec<usize> {
        let end = self.crowd.start + random.below(2) * random.below(self.crowd.len());
        let end = if random.percent(50) { self.crowd.end } else { end };
        (self.crowd.start - 1..end).collect()
    }

    /// The certificates for an authority.
    pub(crate) fn certificates_for(&self, authority: usize) -> Vec<usize> {
        self.those(|certificate| certificate.subject == Some(authority))
    }

    /// The certificates for whatever authority goes by the same name.
    pub(crate) fn namesakes_of(&self, authority: usize) -> Vec<usize> {
        let name = |index: usize| &self.authorities[index].name.distinguished_name;
        self.those(|c| c.subject.is_some_and(|subject| name(subject) == name(authority)))
    }

    fn those(&self, which: impl Fn(&Certificate) -> bool) -> Vec<usize> {
        (0..self.certificates.len())
            .filter(|index| !self.crowd.contains(index) && which(&self.certificates[*index]))
            .collect()
    }

    fn authority(&mut self, name: DistinguishedName, random: &mut Random) -> usize {
        let key = random.below(self.keys.len());
        self.authority_with_key(name, key)
    }

    fn authority_with_key(&mut self, name: DistinguishedName, key: usize) -> usize {
        let mut params = CertificateParams::default();
        params.distinguished_name = name;
        self.authorities.push(Authority { name: params, key });
        self.authorities.len() - 1
    }

    /// Roots, some of the same name, some of almost the same, which have signed each other.
    fn roots(&mut self, random: &mut Random) -> Vec<usize> {
        let mut roots = Vec::new();
        for number in 0..4 {
            let name = format!("Root {number}");
            let root = self.authority(named(&name), random);
            roots.push(root);
            for _ in 0..random.below(4) {
                roots.push(self.authority(named(&name), random));
            }
            if random.percent(70) {
                let key = self.authorities[root].key;
                roots.push(self.authority_with_key(like(&name, random), key));
            }
        }
        roots.push(self.authority(DistinguishedName::new(), random));
        let length = if random.percent(10) { 70_000 } else { 130 + random.below(3000) };
        roots.push(self.authority(named(&"long ".repeat(length / 5)), random));
        for &root in &roots {
            self.certify_as(&AUTHORITIES[0], root, root, false);
            for _ in 0..3 {
                self.certify(root, root, random);
            }
            let last = self.certificates.last().unwrap();
            if last.der.len() < 0x1000 && random.percent(25) {
                self.certificates.push(Certificate {
                    der: alter::version_1(&last.der).into(),
                    label: format!("{}, version 1", last.label),
                    names: Vec::new(),
                    ..*last
                });
            }
        }
        for _ in 0..8 {
            self.certify(*random.pick(&roots), *random.pick(&roots), random);
        }
        roots
    }

    /// Authorities that others have issued certificates for, one or more each.
    fn issued(
        &mut self,
        name: &str,
        count: usize,
        by: &[usize],
        random: &mut Random,
    ) -> Vec<usize> {
        let mut authorities = Vec::new();
        for number in 0..count {
            let name = format!("{name} {number}");
            authorities.push(self.authority(named(&name), random));
            if random.percent(30) {
                authorities.push(self.authority(named(&name), random));
            }
        }
        for &authority in &authorities {
            self.certify_as(&AUTHORITIES[0], authority, *random.pick(by), false);
            for _ in 0..1 + random.below(3) {
                self.certify(authority, *random.pick(by), random);
            }
        }
        authorities
    }

    /// One below the other, more of them than rustls goes through.
    fn ladder(&mut self, root: usize, random: &mut Random) -> Vec<usize> {
        let mut issuer = root;
        let mut rungs = Vec::new();
        for number in 0..8 {
            let rung = self.authority(named(&format!("Rung {number}")), random);
            self.certify_as(&AUTHORITIES[0], rung, issuer, false);
            rungs.push(rung);
            issuer = rung;
        }
        rungs
    }

    /// An authority whose name others have, with another key.
    fn crowd(&mut self, random: &mut Random) -> usize {
        let keys = self.keys.len();
        let key = random.below(keys);
        let authority = self.authority_with_key(named("Crowd"), key);
        self.certify_as(&AUTHORITIES[0], authority, authority, false);
        let other = self.authority_with_key(named("Crowd"), (key + 1) % keys);
        let first = self.certificates.len();
        for _ in 0..CROWD {
            self.certify_as(&AUTHORITIES[0], other, other, false);
        }
        self.crowd = first..self.certificates.len();
        authority
    }

    /// A certificate for an authority: every other one has something about it.
    fn certify(&mut self, subject: usize, issuer: usize, random: &mut Random) {
        let kind = if random.percent(45) { &AUTHORITIES[0] } else { random.pick(AUTHORITIES) };
        self.certify_as(kind, subject, issuer, random.percent(6));
    }

    fn certify_as(&mut self, kind: &Kind, subject: usize, issuer: usize, forged: bool) {
        let Authority { name, key } = &self.authorities[subject];
        let (mut params, key) = (name.clone(), *key);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.issue(kind, params, key, issuer, forged);
        self.certificates.last_mut().unwrap().subject = Some(subject);
    }

    fn server(&mut self, number: usize, issuer: usize, random: &mut Random) {
        let kind = if random.percent(75) { &SERVERS[0] } else { random.pick(SERVERS) };
        let mut params = CertificateParams::default();
        params.subject_alt_names = at_home(random);
        params.distinguished_name = match random.below(12) {
            0 => DistinguishedName::new(),
            1 => named(&"x".repeat(200 + random.below(2000))),
            2 => named("Root 0"),
            _ => named(&format!("Server {number}")),
        };
        let key = random.below(self.keys.len());
        if self.certificates_for(issuer).is_empty() {
            // One that is alone signs for itself.
            let Authority { name, key } = &self.authorities[issuer];
            params.distinguished_name = name.distinguished_name.clone();
            self.issue(kind, params, *key, issuer, false);
        } else {
            self.issue(kind, params, key, issuer, random.percent(5));
        }
        let index = self.certificates.len() - 1;
        let certificate = &mut self.certificates[index];
        if random.percent(3) {
            certificate.der = alter::unknown_algorithm(&certificate.der).into();
            certificate.label += ", signed in a way that nobody knows";
        }
        self.servers.push(index);
    }

    /// Signs a certificate; with a key that is not the issuer's if it is to be forged.
    fn issue(
        &mut self,
        kind: &Kind,
        mut params: CertificateParams,
        key: usize,
        issuer: usize,
        forged: bool,
    ) {
        let number = self.certificates.len();
        params.serial_number = Some(SerialNumber::from(u64::try_from(number + 1).unwrap()));
        kind.validity.apply(&mut params, number);
        (kind.change)(&mut params);
        let by = &self.authorities[issuer];
        let signer = if forged { (by.key + 1) % self.keys.len() } else { by.key };
        let issued = Issuer::from_params(&by.name, &self.keys[signer]);
        let certificate = params.signed_by(&self.keys[key], &issued).unwrap();
        self.certificates.push(Certificate {
            der: certificate.into(),
            label: format!(
                "{number}: {} by {}, {}{}",
                words(&params.distinguished_name, key),
                words(&by.name.distinguished_name, by.key),
                kind.words,
                if forged { format!(", signed with key {signer}") } else { String::new() }
            ),
            subject: None,
            issuer,
            names: params.subject_alt_names,
            sound: !forged && kind.words == AUTHORITIES[0].words,
        });
    }
}

/// Those of Ed25519 follow from the seed; those of ECDSA are new each time, which changes nothing
/// about who has which.
fn keys(random: &mut Random) -> Vec<KeyPair> {
    const ED25519: &[u8] =
        &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let p256 = (0..6).map(|_| KeyPair::generate().unwrap());
    let p384 = (0..2).map(|_| KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap());
    let mut keys: Vec<_> = p256.chain(p384).collect();
    for _ in 0..5 {
        let key = PrivatePkcs8KeyDer::from([ED25519, &random.bytes(32)].concat());
        keys.push(KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ED25519).unwrap());
    }
    random.shuffle(&mut keys);
    keys
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::OrganizationName, "Differential");
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Names that OpenSSL holds for the same, and rustls does not.
fn like(name: &str, random: &mut Random) -> DistinguishedName {
    match random.below(5) {
        0 => named(&name.to_uppercase()),
        1 => named(&name.replace(' ', "  ")),
        2 => named(&format!("{name} ")),
        3 => named(&format!(" {}", name.to_lowercase())),
        _ => {
            let mut like = named(name);
            let text = DnValue::PrintableString(name.try_into().unwrap());
            like.push(DnType::CommonName, text);
            like
        }
    }
}

fn words(name: &DistinguishedName, key: usize) -> String {
    match name.get(&DnType::CommonName) {
        Some(DnValue::Utf8String(text)) => {
            format!("{:?} (key {key})", text.chars().take(20).collect::<String>())
        }
        Some(other) => format!("{other:?} (key {key})"),
        None => format!("nobody (key {key})"),
    }
}
