#!/bin/bash
# The builder of tests/recipes/nixpkgs.nix. As in nixpkgs, `env`, and nothing else of the derivation, becomes
# variables of the build.
# shellcheck disable=SC2154,SC1090 # They are in the first file that is read.
set -euo pipefail

. "${NIX_ATTRS_SH_FILE:-.attrs.sh}"
for name in "${!host[@]}"; do export "$name=${host[$name]}"; done
for name in "${!env[@]}"; do export "$name=${env[$name]}"; done
for directory in "${inputs[@]}"; do PATH=$directory:$PATH; done
out=${outputs[out]}

cp -r "$src" source
chmod -R u+w source
cd source
cargo install --quiet --frozen --no-track --path . --root "$out" --features "$(IFS=,; echo "${buildFeatures[*]}")"
strip "$out"/bin/*
eval "${postInstall:-}"
eval "${installCheckPhase:-}"
