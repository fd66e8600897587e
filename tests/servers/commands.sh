# shellcheck shell=bash
# Sourced by tests/servers/inside: the steps that are printed, typed as they stand by an administrator in the clean
# root with Debian's store, from the failure of a call until it works, or until it is known whom to tell what.

anchors=/usr/local/share/ca-certificates
url=https://api.corp.example/
cp "$TLS/corp-root.pem" "$TLS/proxy-root.pem" "$DIR/srv/admin"

# call [URL]: what is to work in the end. Where $through is set, by that proxy.
call() { inside ${through:+"https_proxy=$through"} cacerts get "${1:-$url}"; }

# fails [URL]: the call comes to nothing, which is where somebody begins to type.
fails() {
    typed=()
    if call "$@" >/dev/null 2>&1; then fail "$title: the call fails at first"; fi
}

# type_in COMMAND: as it is, in a shell of the administrator's.
type_in() {
    typed+=("${1//$'\n'/ }")
    inside ${through:+"https_proxy=$through"} sh -c "$1" > "$WORK/said" 2>&1 </dev/null || true
}

# printed [FILE]: the first command that was printed, with that file in the place of the word FILE.
printed() {
    awk '/^      [^ ]/ { print substr($0, 7); found = 1; next } found { exit }' "$WORK/said" | sed "s|FILE|${1:-FILE}|"
}

works() { equal "$title: in the end the call works" 'You have reached the server.' "$(call 2>&1)"; }

# known WORDS: it was said.
known() {
    local said
    said=$(tr -s ' \n' ' ' < "$WORK/said")
    if [[ $said == *"$1"* ]]; then pass "$title: it is known whom to tell what"; else fail "$title: $1" "$said"; fi
}

# counted NUMBER: so many commands were typed.
counted() {
    local IFS=$'\n' line
    equal "$title: commands" "$1" "${#typed[@]}"
    printf '%s|%s|%s\n' "$title" "${#typed[@]}" "${typed[0]}" >> "$WORK/commands"
    for line in "${typed[@]:1}"; do printf ' | |%s\n' "$line" >> "$WORK/commands"; done
}

# forget: the store is Debian's again.
forget() {
    rm -f "$DIR$anchors"/*
    inside update-ca-certificates >/dev/null 2>&1
}

title='corporate root missing'
fails
type_in 'cacerts check api.corp.example'
type_in "$(printed /srv/admin/corp-root.pem)"
works
counted 2
forget

title='corporate root in a .pem'
cp "$TLS/corp-root.pem" "$DIR$anchors/corp.pem"
inside update-ca-certificates >/dev/null 2>&1
fails
type_in 'cacerts check api.corp.example'
type_in "$(printed)"
works
counted 2
forget

title='corporate root not taken in'
cp "$TLS/corp-root.pem" "$DIR$anchors/corp.crt"
fails
type_in 'cacerts check api.corp.example'
type_in "$(printed)"
works
counted 2

# From here on it is in the store.
title='intermediate missing'
fails https://bare.corp.example/
type_in 'cacerts check bare.corp.example'
known 'Tell whoever runs the server to send the certificate of "Example Corp Issuing CA 1" behind its own'
counted 1

title='intermediate expired'
fails https://old-ca.corp.example/
type_in 'cacerts check old-ca.corp.example'
known 'the certificate of "Example Corp Issuing CA 0", which it sends, has expired on 2025-10-01'
known 'Whoever runs the server has to send another one in its place'
counted 1

title='intercepting proxy'
through=$proxy:3130
fails
type_in 'cacerts check api.corp.example'
known "whoever runs $proxy:3130 has its certificate"
type_in "$(printed /srv/admin/proxy-root.pem)"
works
counted 2
through=

title='STARTTLS'
typed=()
inside cacerts check api.corp.example:25 > "$WORK/said" || true
type_in "$(printed)"
known 'api.corp.example:25 is trusted'
counted 1

title='CA in another store'
typed=()
inside cacerts check --ca-certs /srv/tls/other-root.pem api.corp.example > "$WORK/said" || true
known 'but in /etc/ssl/certs/ca-certificates.crt'
equal "$title: the option is printed" '--ca-certs /etc/ssl/certs/ca-certificates.crt' "$(printed)"
type_in "cacerts check api.corp.example $(printed)"
known 'is trusted'
counted 1
