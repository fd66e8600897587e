# shellcheck shell=bash
# Sourced by the scripts of this directory. A script makes a Debian root in $DIR, runs commands in it
# with `inside`, and has one line, `ok - ...` or `FAILED - ...`, for each thing it sees.
set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$TOP"
export ME=${0#"$TOP/"}
# shellcheck source=packaging/need.sh
. packaging/need.sh
# shellcheck source=packaging/note.sh
. packaging/note.sh
# shellcheck source=packaging/root.sh
. packaging/root.sh
# shellcheck disable=SC2034 # Used by who sources this.
VERSION=$(version)

CACHE=$TOP/target/clean-root
mkdir -p "$CACHE"
WORK=$(mktemp -d "$CACHE/work.XXXXXX")
DIR=$WORK/root
passed=0 failed=0 server=

clean_up() {
    local status=$?
    trap '' INT TERM HUP
    [[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    if mountpoint -q "$DIR/proc" 2>/dev/null; then umount "$DIR/proc" || umount -l "$DIR/proc"; fi
    rm -rf --one-file-system "$WORK"
    # tests/run adds them up.
    [[ -z ${TEST_COUNTS:-} ]] || echo "$passed $failed" >> "$TEST_COUNTS"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

pass() { passed=$((passed + 1)); echo "ok - $1"; }
fail() { # TITLE [OUTPUT]
    failed=$((failed + 1))
    echo "FAILED - $1"
    [[ -z ${2:-} ]] || printf '    %s\n' "${2//$'\n'/$'\n    '}"
}
leave_out() { # TITLE WHY
    if [[ -n ${CI:-} ]]; then fail "$1: left out, because $2"; else echo "LEFT OUT - $1, because $2"; fi
}
done_testing() {
    echo "$ME: $passed passed, $failed failed"
    [[ $failed == 0 ]] || exit 1
}

# step TITLE COMMAND...: it exits with 0. The script ends if it does not.
step() {
    local title=$1 output
    shift
    if output=$("$@" 2>&1 </dev/null); then pass "$title"; else
        fail "$title" "$output"
        done_testing
    fi
}

# equal TITLE WANTED FOUND
equal() {
    if [[ $3 == "$2" ]]; then pass "$1"; else fail "$1" "wanted: $2"$'\n'"found:  $3"; fi
}

# expect TITLE STATUS STDOUT STDERR COMMAND...
# The command's exit status is STATUS, and the extended regular expressions STDOUT and STDERR match
# what it writes ('^$': nothing).
expect() {
    local title=$1 status=$2 out=$3 err=$4 found=0 stdout stderr
    shift 4
    stdout=$("$@" 2>"$WORK/stderr" </dev/null) || found=$?
    stderr=$(<"$WORK/stderr")
    if [[ $found == "$status" && $stdout =~ $out && $stderr =~ $err ]]; then pass "$title"; else
        fail "$title" "wanted exit status $status, standard output $out, standard error $err
command: $*
exit status: $found
standard output: $stdout
standard error: $stderr"
    fi
}

# inside [VARIABLE=VALUE]... COMMAND...: runs it in the root, with no other variable, for a minute
# at most.
inside() {
    timeout --foreground -k 5 60 chroot "$DIR" /usr/bin/env -i \
        PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/srv/admin LC_ALL=C.UTF-8 "$@"
}

# apt ARGUMENT...: apt-get in the root, for five minutes at most.
apt() {
    timeout --foreground -k 5 300 chroot "$DIR" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" no_proxy="${no_proxy:-}" \
        apt-get -q -y "$@"
}

# make_root SUITE [NAME PACKAGE...]: unpacks a Debian root of that suite, with apt and those packages in
# it (otherwise nginx and setcap), into $DIR. The archive is made once a week for each NAME.
make_root() {
    local suite=$1 name=${2:-$1} packages=("${@:3}")
    local tar=$CACHE/$name.tar
    [[ $# != 1 ]] || packages=(nginx-light libcap2-bin)
    step "a Debian root, $name, is there" debian_root "$tar" "$suite" "${packages[@]}"
    mkdir "$DIR"
    tar -C "$DIR" -xpf "$tar"
    mount -t proc proc "$DIR/proc"
    # The root's own names; its resolver is this machine's.
    cp -L /etc/resolv.conf "$DIR/etc/resolv.conf"
    printf '127.0.0.1 localhost\n127.0.0.1 other.example\n' > "$DIR/etc/hosts"
    if inside test -e /etc/ssl/certs/ca-certificates.crt; then
        fail 'the root has no CA store before the package is installed'
        done_testing
    fi
}

# make_build_root SUITE [vendored]: one with what packaging/debian is built with, Debian's Rust among it, and
# Debian's crates but for the vendored way.
make_build_root() {
    local packages name=$1-build
    packages=$(sed -n '/^Build-Depends:/,/^$/p' packaging/debian/control |
        if [[ ${2:-} == vendored ]]; then grep -vF '<!pkg.cacerts.vendored>'; else cat; fi |
        sed -n 's/^ \([a-z][^ ,:]*\).*/\1/p' | sed 's/^debhelper-compat$/debhelper/' | sort -u)
    # One that was made for fewer of them.
    [[ ! packaging/debian/control -nt $CACHE/$name.tar ]] || rm -f "$CACHE/$name.tar"
    # shellcheck disable=SC2086
    make_root "$1" "$name" build-essential $packages
}

# patched_crate DIRECTORY: the crate there, as it is packed, with packaging/debian as its debian/, whose patches
# have to apply exactly, as for dpkg-source.
patched_crate() {
    local patch
    mkdir -p "$1"
    cargo package --quiet --locked --offline --no-verify --allow-dirty --target-dir "$CACHE/package" || return 1
    tar -xf "$CACHE/package/package/cacerts-$VERSION.crate" -C "$1" --strip-components=1
    cp -r packaging/debian "$1/debian"
    while read -r patch; do
        (cd "$1" && patch -p1 --fuzz=0 --quiet < "debian/patches/$patch") || return 1
    done < packaging/debian/patches/series
}

# offline SECONDS [VARIABLE=VALUE]... COMMAND...: in the root, as a plain user, with no other network than
# localhost.
offline() {
    # shellcheck disable=SC2016
    timeout --foreground -k 5 "$1" unshare --net bash -c 'ip link set lo up; exec chroot "$@"' - \
        --userspec=1000:1000 "$DIR" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/nonexistent \
        LC_ALL=C.UTF-8 DEB_BUILD_OPTIONS="parallel=$(nproc) noopt" DPKG_DEB_COMPRESSOR_LEVEL=1 "${@:2}"
}

# build_source SECONDS BLOCK: builds the Debian source package of target/debian in the root, by that block of the
# page; what is written comes into $WORK/build. As root, it needs ip.
build_source() {
    local status=0
    cp -r target/debian "$DIR/srv/debian"
    chown -R 1000:1000 "$DIR/srv/debian"
    offline "$1" bash -ec "cd /srv/debian; $(block "$2")" > "$WORK/build" 2>&1 </dev/null || status=$?
    [[ $status == 0 ]] || tail -n 60 "$WORK/build"
    return "$status"
}

# tested: the build has run these tests.
tested() {
    local kind
    for kind in lib integration; do
        equal "the build has run the tests: $kind" yes \
            "$(awk -v kind="$kind" '/Running unittests src\/lib.rs/ { at = "lib" } /Running tests\/integration/ { at = "integration" }
                /^test result: ok\. [1-9]/ && at == kind { print "yes"; exit }' "$WORK/build")"
    done
}

# autopkgtested TITLE DEB: the test that Debian runs, of the sources in $WORK/source, passes with that package in the
# root.
autopkgtested() {
    step "$1: the installed command trusts the store, and a CA that is added" \
        timeout --foreground -k 5 1200 autopkgtest --quiet -B "$2" "$WORK/source/" -- chroot "$DIR"
}

# remove_root: makes place for another.
remove_root() {
    umount "$DIR/proc"
    rm -r --one-file-system "$DIR"
}

# block NAME [PAGE]: the lines to copy that stand below <!-- NAME --> in packaging/README.md, or on another page.
block() {
    local page=${2:-packaging/README.md}
    awk -v "mark=<!-- $1 -->" '
        $0 == mark { found = 1; next }
        found && /^```/ { if (open) exit; open = 1; next }
        open { print; lines++ }
        END { exit !lines }' "$TOP/$page" || die "$page: no block $1"
}

# vendored: the archive of the dependencies, $CACHE/vendor.tar.xz, made when there is none for this
# Cargo.lock, and unpacked as $CACHE/vendor.
vendored() {
    local sum
    sum=$(sha256sum Cargo.lock packaging/vendor | sha256sum)
    [[ $sum != "$(cat "$CACHE/vendor.sum" 2>/dev/null)" ]] || return 0
    rm -rf "$CACHE/vendor" "$CACHE/vendor.sum"
    # Low compression: it takes a second instead of twenty.
    step 'the dependencies are put into an archive' env XZ_OPT=-0 packaging/vendor "$CACHE/vendor.tar.xz"
    step 'and unpacked' tar -xf "$CACHE/vendor.tar.xz" -C "$CACHE"
    echo "$sum" > "$CACHE/vendor.sum"
}

# package DISTRIBUTION [dev]: the one file of cacerts in its directory, or of cacerts-dev or -devel.
package() {
    local pattern='cacerts[-_][0-9]*' files
    [[ $# == 1 ]] || pattern='cacerts-dev*'
    mapfile -t files < <(compgen -G "target/packages/$1/$pattern" || true)
    [[ ${#files[@]} == 1 && -f ${files[0]} ]] || die "target/packages/$1: run packaging/build first"
    echo "$TOP/${files[0]}"
}

# asked DIRECTORY: what pkg-config says of the cacerts.pc in it, and of no other.
asked() { PKG_CONFIG_LIBDIR=$1 pkg-config --variable=cacerts_default_path cacerts 2>&1; }

# nothing_left TITLE FILE...: none of the package's files is in the root. Directories may be others'.
nothing_left() {
    local title=$1 file left=
    shift
    for file; do
        [[ -d $DIR$file || ! -e $DIR$file ]] || left+="$file "
    done
    equal "$title" '' "$left"
}

# make_pki: a root, an intermediate below it, and a server's certificate for localhost, in the
# root's /srv/tls; other.pem is a root that has signed nothing here.
make_pki() {
    mkdir -p "$DIR/srv/tls"
    cat > "$DIR/srv/tls/make" <<'EOF'
set -eu
cd /srv/tls
key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null ||
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
root() { # FILE NAME
    key "$1"
    openssl req -x509 -new -key "$1.key" -subj "/CN=$2" -days 30 -out "$1.pem" \
        -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
}
signed() { # FILE NAME SIGNER, extensions on standard input
    key "$1"
    cat > "$1.ext"
    openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 20 \
        -extfile "$1.ext" -out "$1.pem"
}
root root 'Clean Root CA'
root other 'Other CA'
signed intermediate 'Clean Intermediate CA' root <<'EXT'
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
EXT
signed leaf 'localhost' intermediate <<'EXT'
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost,IP:127.0.0.1
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
EXT
cat leaf.pem intermediate.pem > chain.pem
EOF
    inside sh /srv/tls/make
}

# start_server: nginx in the root with that certificate, on a free port of 127.0.0.1: $PORT.
start_server() {
    local try
    mkdir -p "$DIR/srv/www" "$DIR/var/log/nginx"
    echo 'hello from the clean root' > "$DIR/srv/www/index.html"
    for try in 1 2 3 4 5; do
        PORT=$((20000 + (RANDOM + try) % 12000))
        cat > "$DIR/srv/nginx.conf" <<EOF
daemon off;
pid /srv/nginx.pid;
error_log /srv/connections.log info;
worker_processes 1;
events { worker_connections 64; }
http {
    access_log /srv/connections.log;
    server {
        listen 127.0.0.1:$PORT ssl;
        ssl_certificate /srv/tls/chain.pem;
        ssl_certificate_key /srv/tls/leaf.key;
        root /srv/www;
    }
}
EOF
        chroot "$DIR" nginx -c /srv/nginx.conf </dev/null >"$WORK/nginx" 2>&1 &
        server=$!
        if wait_for test -s "$DIR/srv/nginx.pid" && wait_for listening && kill -0 "$server" 2>/dev/null; then
            return
        fi
        kill "$server" 2>/dev/null || true
        wait "$server" || true
        server=
    done
    cat "$WORK/nginx" "$DIR/srv/connections.log" || true
    return 1
}

listening() { (: < "/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }

# What the server has noted: a line for each request, and for each connection without one. It does so in their order, and
# when it comes to it: one without TLS, which does not count, is the last.
connections() {
    local mark=counted-$EPOCHREALTIME
    printf 'GET /%s HTTP/1.0\r\n\r\n' "$mark" > "/dev/tcp/127.0.0.1/$PORT" || true
    if ! wait_for grep -qF "GET /$mark" "$DIR/srv/connections.log"; then
        echo 'nothing: it does not answer'
        return
    fi
    grep -vcF 'GET /counted-' "$DIR/srv/connections.log" || true
}

# wait_for COMMAND...: until it succeeds, for five seconds at most.
wait_for() {
    local try
    for ((try = 0; try < 50; try++)); do
        if "$@"; then return; fi
        sleep 0.1
    done
    return 1
}
