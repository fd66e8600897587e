# shellcheck shell=bash
# Sourced by packaging/build: what cargo-deb leaves to be done. It uses dpkg-deb.

# The entries of CHANGELOG.md in the form of debian/changelog.
debian_changelog() {
    local line version='' date='' lead='  * ' revision
    revision=$(sed -nE '/^\[package\.metadata\.deb\]$/,/^\[/s/^revision = "(.*)"$/\1/p' Cargo.toml)
    trailer() { printf '\n -- %s  %s\n' "$MAINTAINER" "$(LC_ALL=C date -u -R -d "$date")"; }
    while IFS= read -r line; do
        case $line in
            '## '[0-9]*)
                [[ -z $version ]] || { trailer; echo; }
                version=${line#\#\# } date=${version#* - } version=${version%% *} lead='  * '
                printf 'cacerts (%s-%s) unstable; urgency=medium\n\n' "$version" "$revision"
                ;;
            '') lead='  * ' ;;
            '### '*) [[ -z $version ]] || printf '  [ %s ]\n' "${line#\#\#\# }" ;;
            *)
                [[ -n $version ]] || continue
                case $line in '- '* | '* '*) lead='  * ' line=${line#??} ;; esac
                printf '%s%s\n' "$lead" "${line#"${line%%[! ]*}"}"
                lead='    '
                ;;
        esac
    done < CHANGELOG.md
    [[ -n $version ]] || die 'CHANGELOG.md has no line "## VERSION - DATE"'
    trailer
}

# debian_overrides BINARY: packaging/debian.lintian-overrides, without what this binary gives no reason for; it
# depends on the compiler.
debian_overrides() {
    local line word
    while IFS= read -r line; do
        if [[ $line == *': spelling-error-in-binary '* ]]; then
            word=${line#*: spelling-error-in-binary } word=${word%% *}
            grep -qaE "(^|[^[:alpha:]])$word([^[:alpha:]]|\$)" "$1" || continue
        fi
        printf '%s\n' "$line"
    done < packaging/debian.lintian-overrides
}

# glibc BINARY...: the version of the C library that they need.
glibc() { readelf -VW "$@" | sed -nE 's/.*Name: GLIBC_([0-9.]+) .*/\1/p' | sort -V | tail -n 1; }

# finish_deb DIRECTORY: gives the one package of cargo-deb in it the checksums of its files, and, where
# nothing in it is compiled, the architecture `all`. The same bytes on every machine.
finish_deb() {
    local file=("$1"/*.deb) tree=$WORK/tree out
    dpkg-deb -R "${file[0]}" "$tree"
    sed -i '/^Depends: *$/d' "$tree/DEBIAN/control"
    out=${file[0]}
    if [[ ! -d $tree/usr/bin ]]; then
        sed -i 's/^Architecture: .*/Architecture: all\nMulti-Arch: foreign/' "$tree/DEBIAN/control"
        out=${out%_*}_all.deb
    elif [[ -n $TARGET ]]; then
        # The cross compiler's C library is named with its architecture, and as new as it is itself. What the
        # binary asks of it is less.
        sed -i -E "/^Depends:/s/libc6:[a-z0-9]+ \(>= [^)]*\)/libc6 (>= $(glibc "$tree"/usr/bin/*))/" \
            "$tree/DEBIAN/control"
    fi
    rm "${file[0]}"
    (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z |
        xargs -0 md5sum > DEBIAN/md5sums)
    chmod -R u=rwX,go=rX "$tree/DEBIAN"
    # One thread: with more, xz divides its work by their number.
    dpkg-deb --root-owner-group --threads-max=1 -Zxz -b "$tree" "$out" >/dev/null
    rm -r "$tree"
}
