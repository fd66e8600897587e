# shellcheck shell=bash
# Sourced by tests/programs/run and cells: the certificates, and the stores of the situations. $WORK is the place
# for all of it, and $WORK/ssl what lies over /etc/ssl.

# shellcheck disable=SC2034 # Used by who sources this.
SITUATIONS=(1 2 3 4 5 6 7 8 9 10 10b 11 12 13 14 15 16)
# What programs are told to ask for, and what is built into wasm-pack: the registry that Cargo.lock names.
HOSTS=(store.test "$(sed -nE '/^source = /{s,.*/(.*)-index"$,\1,p;q}' "$(dirname "${BASH_SOURCE[0]}")/../../Cargo.lock")")
PKI=$WORK/pki

# make_pki: three roots, each with a server's certificate. Nobody asks a server for that of `other`.
make_pki() {
    local root curve names
    names=$(printf 'DNS:%s,' "${HOSTS[@]}")
    mkdir -p "$PKI"
    for root in p256 p521 other; do
        curve=P-256
        [[ $root != p521 ]] || curve=P-521
        openssl req -x509 -newkey ec -pkeyopt "ec_paramgen_curve:$curve" -nodes -keyout "$PKI/$root.key" \
            -out "$PKI/$root.pem" -days 30 -subj "/CN=Root $root of the programs' test" \
            -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$PKI/$root.leaf.key" \
            -out "$PKI/$root.csr" -subj '/CN=store.test'
        openssl x509 -req -in "$PKI/$root.csr" -CA "$PKI/$root.pem" -CAkey "$PKI/$root.key" -CAcreateserial -days 20 \
            -out "$PKI/$root.chain.pem" -extfile <(printf '%s\n' 'basicConstraints=critical,CA:FALSE' \
            'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth' "subjectAltName=${names%,}" \
            'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid')
    done
}

# make_stores: Debian's own CAs, as update-ca-certificates lays them out, in $WORK/stores: `without` the roots of
# the test, and with one of them. And directories with one root alone, by its hash.
make_stores() {
    local root
    mkdir -p "$WORK/stores" "$WORK/hooks"
    (cd /usr/share/ca-certificates && find mozilla -name '*.crt' | sort) > "$WORK/ca-certificates.conf"
    for root in without p256 p521; do
        mkdir -p "$WORK/stores/$root" "$WORK/local/$root"
        [[ $root == without ]] || cp "$PKI/$root.pem" "$WORK/local/$root/programs-test.crt"
        update-ca-certificates --certsconf "$WORK/ca-certificates.conf" --localcertsdir "$WORK/local/$root" \
            --etccertsdir "$WORK/stores/$root" --hooksdir "$WORK/hooks"
    done
    for root in p256 other; do
        mkdir -p "$WORK/directories/$root"
        cp "$PKI/$root.pem" "$WORK/directories/$root/"
        openssl rehash "$WORK/directories/$root"
    done
}

# store_of SITUATION: puts the store into $WORK/ssl/certs, and sets $VARIABLES.
store_of() {
    local store=p256 certs=$WORK/ssl/certs
    local bundle=$certs/ca-certificates.crt
    VARIABLES=()
    case $1 in 2 | 3 | 6 | 7) store=without ;; 11) store=p521 ;; esac
    rm -rf "$certs"
    cp -a "$WORK/stores/$store" "$certs"
    case $1 in
        1 | 2 | 11) ;;
        3) VARIABLES=("SSL_CERT_FILE=$PKI/p256.pem") ;;
        4) VARIABLES=("SSL_CERT_FILE=$PKI/other.pem") ;;
        5) VARIABLES=("SSL_CERT_FILE=$WORK/missing.pem") ;;
        6) VARIABLES=("SSL_CERT_DIR=$WORK/directories/p256") ;;
        7) VARIABLES=("SSL_CERT_DIR=$WORK/directories/other:$WORK/directories/p256") ;;
        8) rm "$bundle" ;;
        9) rm -r "$certs" ;;
        10) printf '\n' > "$bundle" ;;
        10b) find "$certs" -type l -delete && printf '\n' > "$bundle" ;;
        12) cat "$PKI/p256.pem" >> "$bundle" ;;
        13) VARIABLES=(SSL_CERT_FILE=) ;;
        14) VARIABLES=("SSL_CERT_DIR=$WORK/missing") ;;
        15) VARIABLES=("SSL_CERT_DIR=$WORK/directories/other") ;;
        16) VARIABLES=("SSL_CERT_FILE=$PKI/other.pem" "SSL_CERT_DIR=$WORK/directories/other") ;;
    esac
}

# what_is SITUATION: in words.
what_is() {
    case $1 in
        1) echo 'the root is in the system store' ;;
        2) echo 'it is not there' ;;
        3) echo "it is not there, and \`SSL_CERT_FILE\` names a file with it" ;;
        4) echo "it is there, and \`SSL_CERT_FILE\` names another root" ;;
        5) echo "it is there, and \`SSL_CERT_FILE\` names a file that is missing" ;;
        6) echo "it is not there, and \`SSL_CERT_DIR\` names a hashed directory with it" ;;
        7) echo "it is not there, and \`SSL_CERT_DIR\` names two directories, of which the second has it" ;;
        8) echo 'the bundle is missing; the hashed directory, with the root, is there' ;;
        9) echo 'both are missing' ;;
        10) echo 'the bundle is one byte; the hashed directory is there' ;;
        10b) echo 'the bundle is one byte; the directory has nothing else' ;;
        11) echo 'a P-521 root is in the store, and the server has a certificate of that' ;;
        12) echo 'as 1, and the root is twice in the bundle' ;;
        13) echo "as 1, and \`SSL_CERT_FILE\` is set to the empty string" ;;
        14) echo "as 1, and \`SSL_CERT_DIR\` names a directory that is missing" ;;
        15) echo "as 1, and \`SSL_CERT_DIR\` names a hashed directory with another root" ;;
        16) echo 'as 1, and both variables name another root' ;;
    esac
}
