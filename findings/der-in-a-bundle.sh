#!/usr/bin/env bash
# Debian 12's update-ca-certificates (ca-certificates 20230311+deb12u1) beside those who read what it makes:
# Python's cryptography 50.0.2, and OpenSSL 4.0.3 inside it (by pyOpenSSL 26.4.0).
#
# Expected: a certificate in DER, put where the manual says that local certificates go, with the extension
#           .crt that it asks for (and that Windows' tools give to DER), is converted, or refused aloud.
# Happens:  its bytes are copied between the PEM blocks of the bundle, it is counted as added, and the exit
#           status is 0. Whoever reads the bundle passes over them without a word, and trusts the rest.
# Seen on 2026-11-28, with one root in PEM and one in DER:
#           update-ca-certificates:   2 added, 0 removed; exit 0
#           bundle:                   1 block, and the bytes of the other
#           cryptography:             1 certificate; no error
#           OpenSSL:                  loads the file; trusts the first root's certificate, not the second's
# Touches:  a CA that was added by the book is not trusted by curl, Python and all else on the bundle. The
#           one hint is a warning of `openssl rehash` above the line that it was added: the file "does not
#           contain exactly one certificate or CRL", which it does.
# Way out:  `openssl x509 -in ca.crt` (with -inform DER before OpenSSL 3), and the command once more.
set -euo pipefail

unset SSL_CERT_FILE SSL_CERT_DIR
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 .

apt-get download --quiet --quiet -o APT::Sandbox::User=root ca-certificates=20230311+deb12u1
dpkg-deb -x ca-certificates_*.deb package
python3 -m venv venv
timeout 600 venv/bin/pip install --quiet --disable-pip-version-check cryptography==50.0.2 pyOpenSSL==26.4.0

mkdir local certs hooks none
: >conf
for i in 1 2; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $i.key -out root$i.pem \
        -subj "/CN=Test root $i" -days 2 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout leaf.key -subj /CN=localhost 2>/dev/null |
        openssl x509 -req -CA root$i.pem -CAkey $i.key -days 2 -out leaf$i.pem 2>/dev/null
done
cp root1.pem local/first.crt
openssl x509 -in root2.pem -outform DER -out local/second.crt

sh package/usr/sbin/update-ca-certificates --certsconf "$dir/conf" --certsdir "$dir/none" \
    --localcertsdir "$dir/local" --etccertsdir "$dir/certs" --hooksdir "$dir/hooks" >said 2>&1
cat said

cat >finding.py <<'END'
from cryptography import x509
from OpenSSL import SSL, crypto

bundle = open("certs/ca-certificates.crt", "rb").read()
print("blocks:", bundle.count(b"-----BEGIN CERTIFICATE-----"))
print("bytes of the other:", open("local/second.crt", "rb").read() in bundle)
print("cryptography:", len(x509.load_pem_x509_certificates(bundle)))
print(SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode())
store = crypto.X509Store()
store.load_locations("certs/ca-certificates.crt")
for name in "leaf1", "leaf2":
    leaf = crypto.load_certificate(crypto.FILETYPE_PEM, open(name + ".pem", "rb").read())
    try:
        crypto.X509StoreContext(store, leaf).verify_certificate()
        print(name, "ok")
    except crypto.X509StoreContextError as error:
        print(name, error)
END
timeout 60 venv/bin/python finding.py | tee seen
grep -q '^2 added, 0 removed' said
diff - <(grep -v '^OpenSSL ' seen) <<'END'
blocks: 1
bytes of the other: True
cryptography: 1
leaf1 ok
leaf2 unable to get local issuer certificate
END
