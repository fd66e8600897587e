#!/usr/bin/env bash
# OpenSSL (4.0.3, as inside the PyPI package cryptography 50.0.2, by pyOpenSSL 26.4.0) beside that
# package's own verifier: one installation, two opinions.
#
# Expected: a root that is renewed with its key and name as before (so that nothing below has to be
#           issued anew) takes the old one's place in every store: name, key and key identifier match.
# Happens:  where the intermediate's authorityKeyIdentifier also names issuer and serial number, as
#           `authorityKeyIdentifier = keyid, issuer:always` in a CA's configuration makes it, OpenSSL
#           takes the serial for a condition. The renewed root has another one, and so is no issuer of
#           anything. Verifiers that take that extension as a hint for the search accept the chain.
# Seen on 2026-11-28:
#           key identifier only, either root:           ok in both
#           with issuer and serial, the old root:       ok in both
#           with issuer and serial, the renewed root:   OpenSSL: unable to get local issuer certificate
#                                                       cryptography: ok
# Touches:  private CAs: the store on the clients is brought up to date, and curl and all else on OpenSSL
#           refuse every server, while Rust programs on rustls, Go's and those on GnuTLS go on working
#           (run apart from this script). The message speaks of a missing issuer that is plainly there.
# Way out:  before the old root expires, issue what is directly below it again without `issuer` in that
#           line (or under the new serial number), and keep the old root beside the new one until then.
set -euo pipefail

unset SSL_CERT_FILE SSL_CERT_DIR
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
timeout 600 venv/bin/pip install --quiet --disable-pip-version-check cryptography==50.0.2 pyOpenSSL==26.4.0
cat >finding.py <<'END'
import datetime
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import SSL, crypto

NOW = datetime.datetime.now(datetime.timezone.utc)
ROOT, INTERMEDIATE, SERVER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def key_identifier(key):
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def issue(subject, key, issuer, issuer_key, serial, authority=None, ca=True):
    builder = (
        x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), serial)
        .not_valid_before(NOW - datetime.timedelta(days=1))
        .not_valid_after(NOW + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), True)
        .add_extension(key_identifier(key), False)
    )
    if authority:
        builder = builder.add_extension(authority, False)
    if not ca:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]), False
        ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    return builder.sign(issuer_key, hashes.SHA256())


def openssl(root, intermediate, server):
    root, intermediate, server = map(crypto.X509.from_cryptography, (root, intermediate, server))
    store = crypto.X509Store()
    store.add_cert(root)
    try:
        crypto.X509StoreContext(store, server, [intermediate]).verify_certificate()
    except crypto.X509StoreContextError as error:
        return str(error)
    return "ok"


def cryptography(root, intermediate, server):
    policy = verification.PolicyBuilder().store(verification.Store([root])).time(NOW)
    verifier = policy.build_server_verifier(x509.DNSName("localhost"))
    try:
        verifier.verify(server, [intermediate])
    except verification.VerificationError as error:
        return str(error)
    return "ok"


print(SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode())
old = issue("Test root", ROOT, "Test root", ROOT, 1)
renewed = issue("Test root", ROOT, "Test root", ROOT, 2)
digest = key_identifier(ROOT).digest
short = x509.AuthorityKeyIdentifier(digest, None, None)
full = x509.AuthorityKeyIdentifier(digest, [x509.DirectoryName(name("Test root"))], 1)
above_server = x509.AuthorityKeyIdentifier(key_identifier(INTERMEDIATE).digest, None, None)
server = issue("localhost", SERVER, "Test intermediate", INTERMEDIATE, 20, above_server, ca=False)

refused = "unable to get local issuer certificate"
changed = False
for how, authority, which, root, wanted in (
    ("key identifier only", short, "old root", old, ("ok", "ok")),
    ("key identifier only", short, "renewed root", renewed, ("ok", "ok")),
    ("with issuer and serial", full, "old root", old, ("ok", "ok")),
    ("with issuer and serial", full, "renewed root", renewed, (refused, "ok")),
):
    intermediate = issue("Test intermediate", INTERMEDIATE, "Test root", ROOT, 10, authority)
    seen = openssl(root, intermediate, server), cryptography(root, intermediate, server)
    print(f"{how}, {which}: OpenSSL: {seen[0]}; cryptography: {seen[1]}")
    changed |= seen != wanted
sys.exit("changed" if changed else 0)
END
timeout 60 venv/bin/python finding.py
