# shellcheck shell=bash
# Sourced by ./run: writes the drop-ins out and builds with them. Here, and nowhere else, stands how that
# is done.

TEMPLATES=$TOP/packaging/drop-in
PUT_IN=$CACHE/drop-in
# Each folder with a drop-in, and the versions of the original that it is for, as tests/drop-in/stacks
# has them.
DROP_INS=(
    'openssl-probe/0.1 0.1' 'openssl-probe/0.2 0.2'
    'rustls-native-certs/0.6 0.6' 'rustls-native-certs/0.7 0.7' 'rustls-native-certs/0.8 0.8'
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

# write_out FOLDER VERSION DIRECTORY STORE
write_out() {
    local file text
    mkdir -p "$3"
    cp -r "$TEMPLATES/$1/." "$3"
    cp "$TEMPLATES/note.rs" "$3/src"
    while read -r file; do
        text=$(<"$file")
        text=${text//@VERSION@/$2}
        text=${text//@CACERTS@/path = \"$TOP\"}
        printf '%s\n' "${text//@PATH@/\"$4\"}" > "${file%.in}"
        rm "$file"
    done < <(find "$3" -name '*.in')
}

# put_in: writes all of them out, and sets up a copy of the programs to be built with them. They trust
# $STORE.
put_in() {
    local line folder series name version config=$PUT_IN/patch.toml
    rm -rf "$PUT_IN/crates" "$PUT_IN/stacks"
    mkdir -p "$PUT_IN/crates"
    cp -rp "$STACKS" "$PUT_IN/stacks"
    rm -rf "$PUT_IN/stacks/target"
    echo '[patch.crates-io]' > "$config"
    for line in "${DROP_INS[@]}"; do
        read -r folder series <<< "$line"
        name=${folder%/*}
        version=$(locked "$name" "$series")
        write_out "$folder" "$version" "$PUT_IN/crates/$name-$series" "$STORE"
        echo "$name-${series//./-} = { package = \"$name\", path = \"$PUT_IN/crates/$name-$series\" }" >> "$config"
    done
}

# with_drop_ins COMMAND ARGUMENT...: cargo, with the drop-ins in the place of the originals.
with_drop_ins() {
    (cd "$PUT_IN/stacks" && env CACERTS_DEFAULT_PATH="$STORE" CARGO_TARGET_DIR="$PUT_IN/target" \
        cargo "$1" --config "$PUT_IN/patch.toml" "${@:2}")
}
