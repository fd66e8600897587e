# shellcheck shell=bash
# shellcheck disable=SC2034 # Used by who sources this.
# Sourced by the scripts of this directory: the programs. How each is had to make a connection is in `drive`.
#
# What decides on trust in them, as they are published:
#   PV  rustls-platform-verifier, asked by reqwest 0.13 or by the program itself
#   UQ  the same, asked by ureq 3
#   NC  rustls-native-certs, by reqwest 0.12
#   HR  the same, by hyper-rustls
#   NT  native-tls, so OpenSSL (in rdap it is contained), and openssl-probe
#   EM  webpki-roots: roots that are embedded

NAMES=()
declare -A CRATE VERSION CLASS

# program NAME CRATE VERSION CLASS
program() {
    NAMES+=("$1")
    CRATE[$1]=$2 VERSION[$1]=$3 CLASS[$1]=$4
}

program tealdeer tealdeer 1.9.1 UQ
program tealdeer-embedded tealdeer 1.9.1 EM
program xh xh 0.26.3 PV
program rdap icann-rdap-cli 0.0.30 NT
program debian-repro-status debian-repro-status 0.4.0 PV
program cargo-audit cargo-audit 0.22.2 PV
program repro-env repro-env 0.4.5 PV
program apt-swarm apt-swarm 0.6.1 PV
program rbw rbw 1.15.0 NC
program prr prr 0.21.0 HR
program ripcalc ripcalc 0.4.0 NT
program oxigraph oxigraph-cli 0.5.13 NT
program acme-redirect acme-redirect 0.8.1 EM
program wasm-pack wasm-pack 0.15.1 EM
program samply samply 0.13.1 EM

# What has an original that there is no drop-in for, in whose place the build has to stop: CRATE VERSION NEEDS.
STOPPED=(
    'ntpd 1.9.0 rustls-platform-verifier 0.5'
    'hypothesis 0.12.0 webpki-roots 0.25'
)
# One that is soon built, with the roots embedded, which the README shows. With ureq's verifier it is built in
# tests/clean-root/unchanged; the other stacks are in tests/drop-in.
QUICK=(tealdeer-embedded)
# Those whose costs are counted; they are built as their own profile says.
COUNTED=(tealdeer xh)
