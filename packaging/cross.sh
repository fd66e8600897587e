# shellcheck shell=bash
# Sourced by packaging/build: where packages for another architecture are, and which tools
# make and read programs for it.

PACKAGES=target/packages TARGET=

# cross TRIPLE: sets them, and adds to BUILD_TOOLS.
cross() {
    local gnu=aarch64-linux-gnu
    if [[ $1 != aarch64-unknown-linux-gnu ]]; then
        say "unknown target '$1'; there is aarch64-unknown-linux-gnu"
        exit 2
    fi
    # shellcheck disable=SC2034 # Used by who sources this.
    TARGET=$1
    PACKAGES+=/$1
    BUILD_TOOLS+=("$gnu-gcc:gcc-$gnu" "/usr/$gnu/include/stdlib.h:libc6-dev-arm64-cross"
        /usr/lib/rpm/find-requires:rpm)
    export OBJCOPY=$gnu-objcopy STRIP=$gnu-strip CC_aarch64_unknown_linux_gnu=$gnu-gcc
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$gnu-gcc
}
