# shellcheck shell=bash
# Sourced by packaging/build, packaging/check and tests/clean-root: what the ELF note of a finished binary says, and
# the file for pkg-config that is made of it.

# noted BINARY: the path in its note, or `none`; read without running it: 12 bytes of sizes and type,
# the name in 8, then the text of a defaults file. Nothing where there is no note, or the path is
# not in plain double quotes.
noted() {
    local note
    note=$(mktemp)
    objcopy -O binary --only-section=.note.cacerts "$1" "$note" || true
    tail -c +21 "$note" | tr -d '\0' | sed -nE 's/^CACERTS_DEFAULT_PATH = "([^"\\]*)"$/\1/p'
    rm -f "$note"
}

# version: the crate's.
version() { sed -nE '/^version = /{s/^version = "(.*)"$/\1/p;q}' Cargo.toml; }

# pc BINARY: packaging/cacerts.pc.in for what that binary trusts.
pc() {
    local path
    path=$(noted "$1")
    [[ -n $path ]] || die "$1: no path for cacerts.pc in its note .note.cacerts"
    [[ $path != none ]] || path=
    # shellcheck disable=SC2016 # A variable of pkg-config.
    # What a .pc file reads as something else than itself, and then what sed does.
    path=$(sed -E 's/\$/${dollar}/g; s/#/\\#/g' <<< "$path" | sed -E 's/[\&|]/\\&/g')
    sed -E "s|@CACERTS_DEFAULT_PATH@|$path|; s|@VERSION@|$(version)|" packaging/cacerts.pc.in
}
