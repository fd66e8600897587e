# shellcheck shell=bash
# Sourced by tests/servers/inside: servers whose certificates, or what they want of the client, are not right.

# --- nginx: each name has a certificate of its own ---

mkdir /mnt/www
echo 'You have reached the server.' > /mnt/www/index.html
{
    echo 'daemon off; pid /run/nginx.pid; error_log /mnt/nginx.log; worker_processes 1;'
    echo 'events { worker_connections 64; }'
    echo 'http { access_log off; ssl_protocols TLSv1.2 TLSv1.3; server_names_hash_bucket_size 128;'
    echo 'server { listen 127.0.0.1:80; }'
    echo 'root /mnt/www;'
    for name in "$TLS"/*.chain; do
        name=${name##*/} name=${name%.chain}
        # Those that OpenSSL itself does not load are s_server's.
        [[ $name != sha1 && $name != weak ]] || continue
        more=
        [[ $name != other-name ]] || more='lab.corp.example *.lab.corp.example'
        echo "server { listen 127.0.0.1:443 ssl; server_name $name.corp.example $more;
            ssl_certificate $TLS/$name.chain; ssl_certificate_key $TLS/$name.key; }"
    done
    # It says what it misses after the handshake, in HTTP.
    echo "server { listen 127.0.0.1:443 ssl; server_name a.lab.corp.example; ssl_certificate $TLS/other-name.chain;
        ssl_certificate_key $TLS/other-name.key; ssl_verify_client on; ssl_client_certificate $TLS/client-root.pem; }"
    echo 'server { listen 127.0.0.1:443 ssl; server_name nobody.corp.example; ssl_reject_handshake on; }'
    echo '}'
} > /mnt/nginx.conf
start 443 nginx -c /mnt/nginx.conf

good "$nginx" api.corp.example
good "$nginx" https://direct.corp.example/
store=issuing cause "$nginx" 'what is sent is in the store' 0 null 'root Example Corp Issuing CA 1' \
    '.verified and (.root.subject | startswith("CN=Example Corp Issuing CA 1"))' api.corp.example
store=self cause "$nginx" 'the certificate itself is in the store' 0 null 'pinned self.corp.example' \
    '.verified and .pinned' self.corp.example
store=other-root cause "$nginx" 'root missing' 1 unknown-issuer 'wanted Example Corp Root CA' \
    '.certificate == 1 and (.wanted | . == "CN=Example Corp Root CA,O=Example Corp") and .store[0].certificates == 1' api.corp.example
store='' cause "$nginx" "root missing in Debian's store" 1 unknown-issuer \
    'cp FILE /usr/local/share/ca-certificates/example-corp-root-ca.crt' '.store[0].certificates > 100' api.corp.example
shown=$(block 'by cacerts check' README.md | grep -vxE '\$ .*|\.\.\.')
equal 'the README shows what is said of that' "$shown" "$(grep -xFf <(echo "$shown") "$WORK/last.text")"
cause "$nginx" 'intermediate missing, the root is here' 1 missing-intermediate \
    'Tell whoever runs the server to send the certificate of "Example Corp Issuing CA 1"' '.certificate == 0' bare.corp.example
cause "$nginx" 'intermediate or root missing' 1 unknown-issuer 'If "Issuing CA 7" is an intermediate CA: tell' \
    '.certificate == 0' unnamed.corp.example
cause "$nginx" 'another intermediate is sent' 1 wrong-intermediate 'none of the certificates it sends' \
    '.certificate == 0 and (.chain | length) == 2' mixed.corp.example
store=renewed-root cause "$nginx" 'root of the same name, other key' 1 ca-key-changed 'same name with another key' \
    '.certificate == 1' api.corp.example
store=printable-root cause "$nginx" "root's name in another encoding" 1 ca-name-encoding 'another encoding' \
    '.certificate == 0' encoded.corp.example
store=utf8-root good "$nginx" encoded.corp.example
cause "$nginx" 'signed by itself' 1 self-signed 'never from this connection' '.certificate == 0' self.corp.example
cause "$nginx" 'certificate expired' 1 expired 'its certificate has expired on 2025-10-01' \
    '.certificate == 0 and .chain[0].not_after[:10] == "2025-10-01"' old.corp.example
cause "$nginx" 'intermediate expired' 1 expired 'the certificate of "Example Corp Issuing CA 0", which it sends, has expired' \
    '.certificate == 1' old-ca.corp.example
cause "$nginx" 'certificate not valid yet' 1 not-yet-valid 'is valid from 2098-01-01 on' '.certificate == 0' early.corp.example
cause "$nginx" 'runs out soon' 1 expires-soon 'runs out on' '.verified' --expires-within 99999 api.corp.example
cause "$nginx" 'other name' 1 wrong-name 'is for lab.corp.example, *.lab.corp.example, not for other-name.corp.example' \
    '.chain[0].names | length == 2' other-name.corp.example
cause "$nginx" 'wildcard for two labels' 1 wrong-name 'A wildcard stands for one label' '.server_name == "a.b.lab.corp.example"' \
    a.b.lab.corp.example
good "$nginx" a.lab.corp.example
cause "$nginx" 'asked for by its address' 1 wrong-address 'is for names only: api.corp.example' \
    '.server_name == "127.0.0.1"' 127.0.0.1
cause "$nginx" 'common name alone' 1 common-name-only 'no subjectAltName' '.chain[0].names == []' name-only.corp.example
cause "$nginx" "a CA's certificate, signed by itself" 1 ca-as-server '(signed by itself, CA:TRUE)' '.certificate == 0' \
    own-ca.corp.example
cause "$nginx" "a CA's certificate" 1 ca-as-server 'CA:TRUE' '.certificate == 0' ca-leaf.corp.example
cause "$nginx" 'for another purpose' 1 wrong-purpose 'is for TLS clients' '.certificate == 0' purpose.corp.example
cause "$nginx" "intermediate for another purpose" 1 wrong-purpose 'the certificate of "Mail CA", which it sends, is for mail' \
    '.certificate == 1' mail.corp.example
cause "$nginx" 'critical extension' 1 critical-extension '1.2.3.4' '.certificate == 0' critical.corp.example
cause "$nginx" 'version 1' 1 version-1 'is of version 1, and not 3' '.certificate == 0' version1.corp.example
cause "$nginx" 'name constraint' 1 name-constraints '"Lab CA" may issue only for lab.example' '.certificate == 1' \
    limited.corp.example
cause "$nginx" 'more CAs than one allows' 1 path-too-long '"Short CA" may have' '.certificate == 2' \
    long.corp.example
cause "$nginx" 'more CAs than anybody has' 1 chain-too-deep 'more than six CAs' '.chain | length == 8' deep.corp.example
cause "$nginx" 'issued by what is no CA' 1 not-a-ca 'no CA' '.certificate == 1' not-a-ca.corp.example
cause "$nginx" 'a CA sent a hundred times' 1 chain-too-complex 'too many ways' 'true' confused.corp.example
cause "$nginx" 'more than 64 KiB' 3 chain-too-large 'more than 64 KiB' '.verified == null' huge.corp.example
cause "$nginx" 'changed on the way' 1 bad-signature ' signature in its certificate' '.certificate == 0' \
    forged.corp.example
store=rejected cause "$nginx" 'the store rejects its CA' 1 distrusted 'is rejected by the trust store' 'true' api.corp.example
store=ed448-root cause "$nginx" 'signed with Ed448' 1 unsupported-algorithm 'is signed with Ed448' '.certificate == 0' \
    ed448.corp.example
store=p521-root good "$nginx" p521.corp.example
store=rsa-root good "$nginx" plain-rsa.corp.example
cause "$nginx" 'name that it does not know' 1 unrecognised-name 'does not know the name nobody.corp.example' \
    '.stage == "tls"' nobody.corp.example
cause "$nginx" 'HTTP' 3 plain-http 'speaks HTTP without TLS' '.verified == null' api.corp.example:80

# --- What is set wrong here ---

ln -s nowhere.pem "$DIR/srv/tls/link.pem"
echo '<html>' > "$DIR/srv/tls/page.pem"
store=link cause "$nginx" 'the store is a link to nothing' 2 store-link 'is a link to /srv/tls/nowhere.pem' '.stage == "settings"' \
    api.corp.example
store=none cause "$nginx" 'there is no such store' 2 store-missing 'which does not exist' '.stage == "settings"' api.corp.example
store=page cause "$nginx" 'the store is a web page' 2 store-unusable 'HTML' '.stage == "settings"' api.corp.example
mv "$DIR/etc/ssl/certs" "$DIR/etc/ssl/away"
store='' cause "$nginx" 'there is no store at all' 1 no-store 'install the package ca-certificates' '.stage == "settings"' \
    api.corp.example
mv "$DIR/etc/ssl/away" "$DIR/etc/ssl/certs"
cause "$nginx" 'client certificate without a key' 2 client-certificate-unusable 'no private key' '.stage == "settings"' \
    --cert /srv/tls/client.pem api.corp.example
cause "$nginx" 'verification is off' 1 verification-off 'is not verified' '.verified == false' -k api.corp.example
mkdir "$DIR/srv/tls/store.pem"
cp "$TLS/other-root.pem" "$TLS/corp-root.pem" "$DIR/srv/tls/store.pem"
inside openssl rehash /srv/tls/store.pem
mv "$DIR/srv/tls/store.pem/corp-root.pem" "$DIR/srv/tls/store.pem/corp.pem"
# The link to the name before is kept by `openssl rehash`, and behind it nothing is found: by this client, and by
# OpenSSL up to 3.0.19.
for time in before after; do
    store=store cause "$nginx" "the root's file was renamed, $time rehash" 1 ca-file-ignored \
        'find -L /srv/tls/store.pem -maxdepth 1 -type l -delete && openssl rehash /srv/tls/store.pem' \
        '.wanted == "CN=Example Corp Root CA,O=Example Corp"' api.corp.example
    inside openssl rehash /srv/tls/store.pem
done
inside sh -c "$(awk '/^      [^ ]/' "$WORK/last.text")"
store=store good "$nginx" api.corp.example

rm "$DIR/srv/tls/store.pem"/*.0
mv "$DIR/srv/tls/store.pem/corp.pem" "$DIR/srv/tls/store.pem/corp"
inside openssl rehash /srv/tls/store.pem
store=store cause "$nginx" 'the root has no name by its hash' 1 ca-file-ignored 'whose name ends in .pem' \
    '.wanted == "CN=Example Corp Root CA,O=Example Corp"' api.corp.example

# --- OpenSSL: certificates that it loads only at its lowest level, and older ways ---

low=(-cipher 'DEFAULT@SECLEVEL=0')
pair sha1
s_server 4401 "${low[@]}" "${pair[@]}"
store=rsa-root cause "$openssl" 'signed with SHA-1' 1 weak-algorithm 'SHA-1' '.certificate == 0' sha1.corp.example:4401
pair weak
s_server 4402 "${low[@]}" "${pair[@]}"
store=weak-root cause "$openssl" 'CA with RSA 1024' 1 weak-key '"Weak CA", the CA in the store, has a key of RSA 1024' \
    'true' weak.corp.example:4402
pair plain-rsa
store=rsa-root
s_server 4403 "${low[@]}" -tls1_1 "${pair[@]}"
cause "$openssl" 'TLS 1.1' 1 no-common-version 'no TLS version in common' '.verified == null' plain-rsa.corp.example:4403
s_server 4404 -tls1_2 -cipher AES256-SHA "${pair[@]}"
cause "$openssl" 'no ECDHE' 1 no-common-suite 'no cipher suite' '.verified == null' plain-rsa.corp.example:4404
s_server 4405 -tls1_2 "${pair[@]}"
good "$openssl, TLS 1.2" plain-rsa.corp.example:4405
cause "$openssl" 'TLS 1.2 where 1.3 is wanted' 1 no-common-version '--tls-min' '.verified == null' \
    --tls-min 1.3 plain-rsa.corp.example:4405
store=corp-root
s_server 4406 -nocert -cipher 'ALL:@SECLEVEL=0'
cause "$openssl" 'no certificate at all' 1 no-common-suite 'no cipher suite, group or kind of key' '.chain == []' \
    api.corp.example:4406
s_server 4407 -groups X448 "${api[@]}"
cause "$openssl" 'no group in common' 1 no-common-suite 'no cipher suite, group' '.chain == []' api.corp.example:4407
s_server 4408 -alpn other/1 "${api[@]}"
cause "$openssl" 'no HTTP (ALPN)' 1 alert 'its alert: NoApplicationProtocol' '.stage == "tls"' https://api.corp.example:4408
good "$openssl, ALPN" api.corp.example:4408

# --- Who wants a client certificate: OpenSSL, GnuTLS and nginx ---

# client NAME: the options for a client certificate, as $client.
client() { client=(--cert "/srv/tls/$1.pem" --key "/srv/tls/$1.key"); }
port=4410
for version in 1.2 1.3; do
    s_server "$port" -Verify 2 -verify_return_error -CAfile "$TLS/client-root.pem" -CRL "$TLS/client-root.crl" -crl_check \
        "-tls${version/./_}" "${api[@]}"
    ours=api.corp.example:$port with="$openssl, TLS $version"
    client client
    good "$with" "${client[@]}" "$ours"
    cause "$with" 'client certificate missing' 1 client-certificate-required 'CN=Client CA' \
        '.verified and .certificate_request == {shown: false, authorities: ["CN=Client CA"]}' "$ours"
    client client-old
    cause "$with" 'client certificate expired' 1 client-certificate-expired 'because it has expired' \
        '.verified and .certificate_request.shown' "${client[@]}" "$ours"
    client client-stranger
    cause "$with" 'client certificate of another CA' 1 client-certificate-unknown-ca 'does not know its CA' \
        '.verified and .certificate_request.shown' "${client[@]}" "$ours"
    client client-revoked
    cause "$with" 'client certificate revoked' 1 client-certificate-refused 'Whoever runs it can see why' \
        '.verified and .certificate_request.shown' "${client[@]}" "$ours"
    port=$((port + 1))
done
cause "$nginx" 'client certificate missing, said in HTTP' 0 null 'was shown none' \
    '.verified and (.certificate_request.shown | not)' a.lab.corp.example
start 4421 gnutls-serv --port 4421 --quiet --require-client-cert --verify-client-cert \
    --x509cafile "$TLS/client-root.pem" --x509certfile "$TLS/api.chain" --x509keyfile "$TLS/api.key"
cause "$gnutls" 'client certificate missing' 1 client-certificate-required 'CN=Client CA' '.verified' api.corp.example:4421
start 4422 gnutls-serv --port 4422 --quiet --disable-client-cert --x509certfile "$TLS/api.chain" --x509keyfile "$TLS/api.key"
good "$gnutls" api.corp.example:4422
store=other-root cause "$gnutls" 'root missing' 1 unknown-issuer 'wanted Example Corp Root CA' '.certificate == 1' \
    api.corp.example:4422
start 4423 gnutls-serv --port 4423 --quiet --disable-client-cert --x509certfile "$TLS/api.chain" --x509keyfile "$TLS/api.key" \
    --priority NORMAL:-VERS-ALL:+VERS-TLS1.1
cause "$gnutls" 'TLS 1.1, by another alert' 1 no-common-suite 'to allow TLS 1.2 or 1.3' '.chain == []' api.corp.example:4423
