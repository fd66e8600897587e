# shellcheck shell=bash
# shellcheck disable=SC2034 # Used by who sources this.
# Sourced by ./run: builds with the drop-ins in the place of the originals, by cargo cacerts.

PUT_IN=$CACHE/drop-in
# Where it writes them.
CRATES=$PUT_IN/target/cacerts/drop-in
# The originals, and the series that tests/drop-in/stacks has of each.
DROP_INS=(
    'openssl-probe 0.1' 'openssl-probe 0.2'
    'rustls-native-certs 0.6' 'rustls-native-certs 0.7' 'rustls-native-certs 0.8'
    'rustls-platform-verifier 0.6' 'rustls-platform-verifier 0.7'
    'webpki-root-certs 0.26' 'webpki-root-certs 1'
    'webpki-roots 0.26' 'webpki-roots 1'
)

# locked NAME SERIES: the version that the programs' lock has.
locked() {
    awk -v name="\"$1\"" -v series="\"$2." '
        $1 == "name" { is = $3 == name }
        is && $1 == "version" && index($3, series) == 1 { gsub(/"/, "", $3); print $3 }
    ' "$STACKS/Cargo.lock"
}

# built_command: builds cargo cacerts.
built_command() {
    cargo build --quiet --locked --features cli --bin cargo-cacerts || return
    mkdir -p "$PUT_IN"
    cp target/debug/cargo-cacerts "$PUT_IN"
}

# with_drop_ins COMMAND ARGUMENT...: cargo, with the drop-ins; the programs trust $STORE.
with_drop_ins() {
    (cd "$STACKS" && CACERTS_DEFAULT_PATH=$STORE CARGO_TARGET_DIR=$PUT_IN/target "$PUT_IN/cargo-cacerts" "$@")
}
