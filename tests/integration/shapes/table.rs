//! The shapes. Each is an ordinary chain (root, intermediate, leaf; P-256, SHA-256, extensions as RFC 5280
//! wants them, for localhost) but for what it names.

/// What is said of a shape.
#[derive(Clone, Copy)]
pub(super) enum Verdict {
    Accepted,
    Refused,
    /// It is the server's own certificate that was named as what to trust; rustls refuses it.
    AcceptedAsPinned,
    /// ring has no algorithm for it, and the feature of more algorithms has.
    AcceptedByMore,
    /// The same for ECDSA with SHA-512 and a key of this kind, which rustls takes of aws-lc-rs in newer versions only.
    AcceptedBySha512(AlgorithmIdentifier),
    /// Accepted by ring and refused by aws-lc-rs (true), or the other way round.
    AsTheProvider(bool),
}

pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    pub(super) changes: &'static [&'static str],
    /// From the root to the leaf; one with a ~ has issued nothing.
    pub(super) chain: &'static str,
    pub(super) store: &'static str,
    pub(super) sent: &'static str,
    /// The server's name.
    pub(super) asked: &'static str,
}

const fn shape(name: &'static str, verdict: Verdict, changes: &'static [&'static str]) -> Shape {
    let (chain, store, sent) = ("root int leaf", "root", "leaf int");
    Shape { name, verdict, changes, chain, store, sent, asked: "localhost" }
}

use Verdict::{
    Accepted, AcceptedAsPinned, AcceptedByMore, AcceptedBySha512, AsTheProvider, Refused,
};
use rustls::pki_types::{AlgorithmIdentifier, alg_id};

pub(super) const SHAPES: &[Shape] = &[
    shape("base-ec", Accepted, &[]),
    shape("base-rsa", Accepted, &["all @key RSA 2048"]),
    // Roots.
    shape("root-no-ku", Accepted, &["root keyUsage"]),
    shape("root-no-ski", Accepted, &["root subjectKeyIdentifier", "int authorityKeyIdentifier"]),
    shape("root-bc-noncrit", Accepted, &["root basicConstraints=CA:TRUE"]),
    shape("root-eku-email", Accepted, &["root extendedKeyUsage=emailProtection"]),
    shape("root-eku-any", Accepted, &["root extendedKeyUsage=anyExtendedKeyUsage"]),
    shape("root-eku-server", Accepted, &["root extendedKeyUsage=serverAuth"]),
    shape("root-pathlen0", Accepted, &["root basicConstraints=critical,CA:TRUE,pathlen:0"]),
    shape("root-v1", Accepted, &["root @v1", "int authorityKeyIdentifier"]),
    shape(
        "root-v3-noext",
        Accepted,
        &[
            "root basicConstraints",
            "root keyUsage",
            "root subjectKeyIdentifier",
            "root 1.3.6.1.4.1.55555.2=ASN1:NULL",
            "int authorityKeyIdentifier",
        ],
    ),
    shape("root-expired", Accepted, &["root @end 20210101000000Z"]),
    shape("root-sha1", Accepted, &["root @hash sha1"]),
    shape("root-md5", Accepted, &["all @key RSA 2048", "root @hash md5"]),
    shape("root-crit-unknown", Accepted, &["root 1.3.6.1.4.1.55555.1=critical,ASN1:NULL"]),
    shape("root-nc-dns", Accepted, &["root nameConstraints=critical,permitted;DNS:localhost"]),
    shape(
        "root-nc-dns-other",
        Refused,
        &["root nameConstraints=critical,permitted;DNS:other.test"],
    ),
    shape("root-serial-zero", Accepted, &["root @serial 00"]),
    shape("root-rsa1024", Refused, &["root @key RSA 1024"]),
    // Intermediates.
    shape("int-eku-any", Refused, &["int extendedKeyUsage=anyExtendedKeyUsage"]),
    shape("int-eku-server", Accepted, &["int extendedKeyUsage=serverAuth"]),
    shape("int-bc-noncrit", Accepted, &["int basicConstraints=CA:TRUE"]),
    shape("int-bc-false", Refused, &["int basicConstraints=critical,CA:FALSE"]),
    shape("int-no-ku", Accepted, &["int keyUsage"]),
    shape("int-no-ski", Accepted, &["int subjectKeyIdentifier", "leaf authorityKeyIdentifier"]),
    Shape {
        chain: "root int0 int leaf",
        sent: "leaf int int0",
        ..shape("int-pathlen-over", Refused, &["int0 basicConstraints=critical,CA:TRUE,pathlen:0"])
    },
    shape("int-nc-dns", Accepted, &["int nameConstraints=critical,permitted;DNS:localhost"]),
    shape("int-nc-dns-noncrit", Accepted, &["int nameConstraints=permitted;DNS:localhost"]),
    Shape {
        asked: "host.matrix.test",
        ..shape(
            "int-nc-leadingdot",
            Accepted,
            &[
                "int nameConstraints=critical,permitted;DNS:.matrix.test",
                "leaf subjectAltName=DNS:host.matrix.test",
            ],
        )
    },
    shape("int-nc-excluded", Accepted, &["int nameConstraints=critical,excluded;DNS:example.com"]),
    shape("int-nc-excluded-own", Refused, &["int nameConstraints=critical,excluded;DNS:localhost"]),
    Shape {
        asked: "127.0.0.1",
        ..shape(
            "int-nc-ip",
            Accepted,
            &[
                "int nameConstraints=critical,permitted;IP:127.0.0.0/255.0.0.0",
                "leaf subjectAltName=IP:127.0.0.1",
            ],
        )
    },
    shape(
        "int-nc-ip-for-dns",
        Accepted,
        &["int nameConstraints=critical,permitted;IP:127.0.0.0/255.0.0.0"],
    ),
    shape("int-nc-dirname", Refused, &["int nameConstraints=critical,permitted;dirName:matrix"]),
    shape(
        "int-nc-dirname-enc",
        Refused,
        &["int nameConstraints=critical,permitted;dirName:printable"],
    ),
    shape("int-nc-email", Accepted, &["int nameConstraints=critical,permitted;email:matrix.test"]),
    shape("int-nc-uri", Accepted, &["int nameConstraints=critical,permitted;URI:.matrix.test"]),
    shape(
        "int-nc-uri-san",
        Refused,
        &[
            "int nameConstraints=critical,permitted;URI:.matrix.test",
            "leaf subjectAltName=DNS:localhost,URI:https://host.matrix.test/",
        ],
    ),
    shape(
        "int-nc-cn-other",
        Accepted,
        &[
            "int nameConstraints=critical,permitted;DNS:localhost",
            "leaf @subject /O=Shapes/CN=other.test",
        ],
    ),
    shape(
        "int-policy-explicit",
        Refused,
        &[
            "int policyConstraints=critical,requireExplicitPolicy:0",
            "int,leaf certificatePolicies=1.3.6.1.4.1.55555.9",
        ],
    ),
    shape("int-inhibit-any", Refused, &["int inhibitAnyPolicy=critical,0"]),
    shape(
        "int-policies-crit",
        Refused,
        &["int,leaf certificatePolicies=critical,1.3.6.1.4.1.55555.9"],
    ),
    shape("int-crit-unknown", Refused, &["int 1.3.6.1.4.1.55555.1=critical,ASN1:NULL"]),
    shape("int-expired", Refused, &["int @end 20210101000000Z"]),
    // Leaves.
    shape("leaf-no-aki", Accepted, &["leaf authorityKeyIdentifier"]),
    shape("leaf-no-ski", Accepted, &["leaf subjectKeyIdentifier"]),
    shape("leaf-no-bc", Accepted, &["leaf basicConstraints"]),
    shape("leaf-no-ku", Accepted, &["leaf keyUsage"]),
    shape(
        "leaf-ku-ke",
        Accepted,
        &["leaf @key RSA 2048", "leaf keyUsage=critical,keyEncipherment"],
    ),
    shape("leaf-ku-ka", Accepted, &["leaf keyUsage=critical,keyAgreement"]),
    shape("leaf-eku-none", Accepted, &["leaf extendedKeyUsage"]),
    shape("leaf-eku-any", Refused, &["leaf extendedKeyUsage=anyExtendedKeyUsage"]),
    shape(
        "leaf-eku-server-any",
        Accepted,
        &["leaf extendedKeyUsage=serverAuth,anyExtendedKeyUsage"],
    ),
    shape("leaf-eku-client", Refused, &["leaf extendedKeyUsage=clientAuth"]),
    shape("leaf-v1", Refused, &["leaf @v1"]),
    shape("leaf-cn-only", Refused, &["leaf subjectAltName"]),
    shape("leaf-wrong-name", Refused, &["leaf subjectAltName=DNS:other.test"]),
    shape("leaf-expired", Refused, &["leaf @end 20210101000000Z"]),
    shape("leaf-not-yet", Refused, &["leaf @start 20470101000000Z"]),
    Shape {
        asked: "matrix.test",
        ..shape("leaf-wild-tld", Refused, &["leaf subjectAltName=DNS:*.test"])
    },
    Shape {
        asked: "host.matrix.test",
        ..shape("leaf-wild", Accepted, &["leaf subjectAltName=DNS:*.matrix.test"])
    },
    Shape {
        asked: "matrix.co.uk",
        ..shape("leaf-wild-suffix", Accepted, &["leaf subjectAltName=DNS:*.co.uk"])
    },
    Shape {
        asked: "host.matrix.test",
        ..shape("leaf-wild-partial", Refused, &["leaf subjectAltName=DNS:h*.matrix.test"])
    },
    Shape {
        asked: "host.matrix.test",
        ..shape("leaf-san-dot", Refused, &["leaf subjectAltName=DNS:host.matrix.test."])
    },
    Shape {
        asked: "host.matrix.test.",
        ..shape("leaf-name-dot", Accepted, &["leaf subjectAltName=DNS:host.matrix.test"])
    },
    Shape {
        asked: "127.0.0.1",
        ..shape("leaf-ip", Accepted, &["leaf subjectAltName=IP:127.0.0.1"])
    },
    Shape { asked: "::1", ..shape("leaf-ipv6", Accepted, &["leaf subjectAltName=IP:::1"]) },
    shape("leaf-mixed", Accepted, &["leaf subjectAltName=DNS:LocalHost"]),
    Shape {
        asked: "under_score.matrix.test",
        ..shape("leaf-underscore", Accepted, &["leaf subjectAltName=DNS:under_score.matrix.test"])
    },
    shape("leaf-san-odd-extra", Accepted, &["leaf subjectAltName=DNS:my host,DNS:localhost"]),
    Shape {
        asked: "xn--bcher-kva.matrix.test",
        ..shape("leaf-idn-a", Accepted, &["leaf subjectAltName=DNS:xn--bcher-kva.matrix.test"])
    },
    shape(
        "leaf-empty-subject",
        Accepted,
        &["leaf @subject /", "leaf subjectAltName=critical,DNS:localhost"],
    ),
    shape("leaf-empty-subject-noncrit", Accepted, &["leaf @subject /"]),
    shape("leaf-serial-zero", Accepted, &["leaf @serial 00"]),
    shape("leaf-utc2049", Accepted, &["leaf @end 20491231235959Z"]),
    shape("leaf-9999", Accepted, &["leaf @end 99991231235959Z"]),
    shape("leaf-crit-unknown", Refused, &["leaf 1.3.6.1.4.1.55555.1=critical,ASN1:NULL"]),
    shape("leaf-poison", Refused, &["leaf 1.3.6.1.4.1.11129.2.4.3=critical,ASN1:NULL"]),
    shape("leaf-must-staple", Accepted, &["leaf tlsfeature=status_request"]),
    shape(
        "leaf-san-types",
        Accepted,
        &["leaf subjectAltName=DNS:localhost,IP:127.0.0.1,email:a@matrix.test,\
             URI:https://matrix.test/,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@matrix.test,dirName:matrix"],
    ),
    shape("leaf-ca-true", Refused, &["leaf basicConstraints=critical,CA:TRUE"]),
    // Stores.
    Shape {
        chain: "leaf",
        store: "leaf",
        sent: "leaf",
        ..shape(
            "self-ca-true",
            AcceptedAsPinned,
            &["leaf authorityKeyIdentifier", "leaf basicConstraints=critical,CA:TRUE"],
        )
    },
    Shape {
        chain: "leaf",
        store: "leaf",
        sent: "leaf",
        ..shape("self-ca-false", Accepted, &["leaf authorityKeyIdentifier"])
    },
    Shape { store: "leaf", ..shape("store-leaf", AcceptedAsPinned, &[]) },
    Shape { store: "int", ..shape("store-int", Accepted, &[]) },
    Shape {
        chain: "root~old root int leaf",
        store: "root~old root",
        ..shape(
            "store-old-and-new",
            Accepted,
            &[
                "root~old @place root",
                "root~old @subject /O=Shapes/CN=Shape root",
                "root~old @end 20210101000000Z",
            ],
        )
    },
    Shape {
        chain: "root~other root int leaf",
        store: "root~other root",
        ..shape(
            "store-same-subject",
            Accepted,
            &["root~other @subject /O=Shapes/CN=Shape root", "int,leaf authorityKeyIdentifier"],
        )
    },
    Shape {
        chain: "root~other root int leaf",
        store: "root~other",
        ..shape(
            "store-other-key",
            Refused,
            &["root~other @subject /O=Shapes/CN=Shape root", "int,leaf authorityKeyIdentifier"],
        )
    },
    // What is sent.
    Shape {
        chain: "root int0 int leaf",
        sent: "leaf int0 int",
        ..shape("send-wrong-order", Accepted, &[])
    },
    Shape { sent: "leaf int root", ..shape("send-with-root", Accepted, &[]) },
    Shape {
        chain: "root~a root int leaf",
        sent: "leaf int root~a",
        ..shape("send-extras", Accepted, &[])
    },
    Shape { sent: "leaf leaf int", ..shape("send-leaf-twice", Accepted, &[]) },
    Shape { sent: "leaf", ..shape("send-no-int", Refused, &[]) },
    Shape {
        chain: "root i1 i2 i3 i4 i5 int leaf",
        sent: "leaf int i5 i4 i3 i2 i1",
        ..shape("deep-6", Accepted, &[])
    },
    Shape {
        chain: "root i1 i2 i3 i4 i5 i6 i7 i8 i9 int leaf",
        sent: "leaf int i9 i8 i7 i6 i5 i4 i3 i2 i1",
        ..shape("deep-10", Refused, &[])
    },
    // Keys and signatures. The hash of a certificate is that of its signature.
    shape("k-p384", Accepted, &["all @key EC P-384", "all @hash sha384"]),
    shape("k-p256-sha512", AcceptedBySha512(alg_id::ECDSA_P256), &["all @hash sha512"]),
    shape(
        "k-p384-sha512",
        AcceptedBySha512(alg_id::ECDSA_P384),
        &["all @key EC P-384", "all @hash sha512"],
    ),
    shape("k-p384-sha256", Accepted, &["all @key EC P-384"]),
    shape("k-p521-ca", AcceptedByMore, &["root,int @key EC P-521", "all @hash sha512"]),
    shape("k-p521-ca-sha256", AcceptedByMore, &["root,int @key EC P-521"]),
    shape("k-p521-leaf", AcceptedByMore, &["leaf @key EC P-521"]),
    shape("k-p521-all", AcceptedByMore, &["all @key EC P-521", "all @hash sha384"]),
    shape("k-ed25519", Accepted, &["all @key ED25519", "all @hash default"]),
    shape("k-ed448", Refused, &["all @key ED448", "all @hash default"]),
    shape("k-rsa1024-leaf", Refused, &["leaf @key RSA 1024"]),
    shape("k-rsa2047-leaf", AsTheProvider(true), &["leaf @key RSA 2047"]),
    shape("k-rsa4096-ca", Accepted, &["root @key RSA 4096"]),
    shape("k-rsa-e3", Accepted, &["all @key RSA3 2048"]),
    shape(
        "k-pss-sig",
        Accepted,
        &[
            "root,int @key RSA 2048",
            "int,leaf @sign rsa_padding_mode:pss",
            "int,leaf @sign rsa_pss_saltlen:32",
        ],
    ),
    shape(
        "k-pss-salt20",
        Refused,
        &[
            "root,int @key RSA 2048",
            "int,leaf @sign rsa_padding_mode:pss",
            "int,leaf @sign rsa_pss_saltlen:20",
        ],
    ),
    shape("k-pss-key-leaf", Refused, &["leaf @key RSA-PSS 2048"]),
    shape("k-pss-key-root", Refused, &["root @key RSA-PSS 2048"]),
    shape("k-sha1-leaf", Refused, &["leaf @hash sha1"]),
    shape("k-sha1-int", Refused, &["int @hash sha1"]),
    shape("k-brainpool-ca", Refused, &["root,int @key EC brainpoolP256r1"]),
];
