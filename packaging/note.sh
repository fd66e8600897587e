# shellcheck shell=bash
# Sourced by packaging/build, packaging/check, tests/run and tests/clean-root: which path is to be baked in, which one
# the ELF note of a finished binary has, the file for pkg-config that is made of it, and what else there is to be
# known of a package.

# wanted DISTRIBUTION: the path that packaging/DISTRIBUTION.toml sets.
wanted() {
    local path
    path=$(sed -nE 's/^CACERTS_DEFAULT_PATH *= *"([^"\\]+)" *(#.*)?$/\1/p' "packaging/$1.toml" 2>/dev/null || true)
    if [[ $path != /* ]]; then
        path=$(grep -m 1 -s CACERTS_DEFAULT_PATH "packaging/$1.toml" || true)
        die "packaging/$1.toml has to have a line CACERTS_DEFAULT_PATH = \"/...\", an absolute path in double quotes; it has: ${path:-none}"
    fi
    echo "$path"
}

# unpack PACKAGE DIRECTORY
unpack() {
    mkdir -p "$2"
    case $1 in
        *.deb) dpkg-deb -x "$1" "$2" ;;
        # Not rpm2cpio: it wants a size tag that cargo-generate-rpm does not write, and fails.
        *.rpm) bsdtar -xf "$1" -C "$2" ;;
    esac
}

# noted BINARY: the path in its note, or `none`; read without running it: 12 bytes of sizes and type,
# the name in 8, then the text of a defaults file. Nothing where there is no note, or the path is
# not in plain double quotes.
noted() {
    local note
    note=$(mktemp)
    "${OBJCOPY:-objcopy}" -O binary --only-section=.note.cacerts "$1" "$note" || true
    tail -c +21 "$note" | tr -d '\0' | sed -nE 's/^CACERTS_DEFAULT_PATH = "([^"\\]*)"$/\1/p'
    rm -f "$note"
}

# The Debian suites that are tested on, with the C library of each.
SUITES=(bookworm:2.36 trixie:2.41)

# suites DEB: of these, those that it can be installed on: a C library older than that
# of the machine where it was built may not do.
suites() {
    local needs suite
    needs=$(dpkg-deb -f "$1" Depends | sed -nE 's/.*libc6 \(>= ([0-9.]+)\).*/\1/p')
    for suite in "${SUITES[@]}"; do
        if dpkg --compare-versions "$needs" le "${suite#*:}"; then
            echo "${suite%:*}"
        else
            say "${suite%:*} is left out: what is built here needs the C library $needs, it has ${suite#*:}"
        fi
    done
}

# telling PATH...: those of them that give a machine away, a folder before the one that it is in. One of a single
# folder may be part of another.
telling() {
    local path
    for path; do [[ $path != /*[^/]/* ]] || echo "$path"; done | sort -ur
}

# version: the crate's.
version() { sed -nE '/^version = /{s/^version = "(.*)"$/\1/p;q}' Cargo.toml; }

# version_date: that of the newest version, in seconds.
version_date() {
    local date
    date=$(sed -nE '/^## [0-9]/{s/^## .* - ([0-9-]+)$/\1/p;q}' CHANGELOG.md)
    [[ -n $date ]] || die 'CHANGELOG.md: the newest version has no date'
    date -u -d "$date" +%s
}

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
