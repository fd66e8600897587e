# shellcheck shell=bash
# Sourced by packaging/build, packaging/check and tests/run: saying what is done, and installing what is missing.

say() { printf '%s: %s\n' "$ME" "$*" >&2; }
die() { say "$*"; exit 1; }

# clock: sets WALL and CPU, in seconds since this shell began; CPU is what its children have taken that have ended,
# which other work on the machine does not change. shellcheck does not see who sources this.
# shellcheck disable=SC2034
clock() {
    local file
    file=$(mktemp)
    times >"$file"
    WALL=$SECONDS
    CPU=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); s += 60 * t[1] + t[2] } printf "%d", s }' "$file")
    rm -f "$file"
}

# What packaging/build needs, as `need` takes it; shellcheck does not see who sources this.
# shellcheck disable=SC2034
BUILD_TOOLS=(cc:gcc libc:libc6-dev objcopy:binutils dpkg-deb:dpkg dpkg-shlibdeps:dpkg-dev
    bsdtar:libarchive-tools xz:xz-utils)

# And packaging/check. devscripts has checkbashisms, which rpmlint wants.
PYTHON=/usr/lib/python3/dist-packages
# shellcheck disable=SC2034
CHECK_TOOLS=("${BUILD_TOOLS[@]}" rpm:rpm lintian:lintian pkg-config:pkgconf man:man-db zsh:zsh fish:fish
    readelf:binutils checkbashisms:devscripts ensurepip:python3-venv "$PYTHON/rpm:python3-rpm"
    "$PYTHON/magic:python3-magic" "$PYTHON/enchant:python3-enchant" "$PYTHON/xdg:python3-xdg"
    "$PYTHON/zstandard:python3-zstandard" "$PYTHON/packaging:python3-packaging"
    "$PYTHON/tomli_w:python3-tomli-w" "$PYTHON/construct:python3-construct"
    "$PYTHON/setuptools:python3-setuptools" "$PYTHON/wheel:python3-wheel")

# And what it needs beside these to install packages, as root.
# shellcheck disable=SC2034
INSTALLED_TOOLS=(piuparts:piuparts mmdebstrap:mmdebstrap unshare:util-linux rpmbuild:rpm
    createrepo_c:createrepo-c dnf:dnf zypper:zypper
    /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring)

# missing COMMAND:PACKAGE...
# Prints the Debian packages of the commands that this machine does not have. COMMAND may be a
# file's absolute path, libc for the C library's headers, or ensurepip for that of Debian's Python.
missing() {
    local pair
    for pair; do
        case ${pair%%:*} in
            libc) echo '#include <stdlib.h>' | cc -E - >/dev/null 2>&1 ;;
            ensurepip) /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null ;;
            /*) [[ -e ${pair%%:*} ]] ;;
            *) command -v "${pair%%:*}" >/dev/null ;;
        esac || echo "${pair#*:}"
    done | sort -u | paste -sd ' '
}

# Installs packages, some of which have a service that is not to be started. One at a time: apt-get does not wait. What
# is to be seen in any case goes to descriptor 3.
install_packages() (
    exec 9</var/lib/dpkg
    flock -w 1800 9 || { echo 'another script of this project has been installing for half an hour (lslocks tells which): let it end, or stop it, and start again'; exit 1; }
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
    fi
    # A third-party source that cannot be updated is no reason to stop.
    updated=$(apt-get -q update 2>&1 9<&-) || say "apt-get update failed, going on: ${updated##*$'\n'}" 2>&3
    DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@" 9<&- 3>&-
)

# need COMMAND:PACKAGE...
# Installs what is missing, or fails with one line that names it.
need() {
    local packages log
    packages=$(missing "$@")
    [[ -n $packages ]] || return 0
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        say "missing: the (Debian) packages $packages; install them, or run this as root with apt-get"
        return 1
    fi
    say "installing $packages"
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! install_packages $packages </dev/null 3>&2 >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        say "apt-get could not install $packages"
        return 1
    fi
    rm -f "$log"
    packages=$(missing "$@")
    [[ -z $packages ]] || { say "still missing after installing it: $packages"; return 1; }
}
