# For nixpkgs, by `callPackage`: a program that uses cacerts, tests/dependent. In its place stands yours.
# NOT RUN WITH NIXPKGS: the test evaluates this file, and builds what comes of it, with
# tests/recipes/nixpkgs.nix in the place of rustPlatform.
{
  lib,
  rustPlatform,
  cacerts,
  src ? lib.cleanSource ./.,
}:

rustPlatform.buildRustPackage {
  pname = "dependent";
  version = "1.0.0";
  inherit src;
  cargoLock.lockFile = src + "/Cargo.lock";
  # It stops if the path gets lost.
  buildFeatures = [ "cacerts/require-path" ];

  # In `env`: with __structuredAttrs, a plain attribute is no variable of the build. To have it heed
  # NIX_SSL_CERT_FILE as well, CACERTS_DEFAULTS_FILE with a file of that key, as packaging/nix.toml is.
  env.CACERTS_DEFAULT_PATH = "/etc/ssl/certs/ca-certificates.crt";

  nativeInstallCheckInputs = [ cacerts ];
  doInstallCheck = true;
  installCheckPhase = ''
    cacerts inspect --expect /etc/ssl/certs/ca-certificates.crt "$out/bin/dependent"
  '';

  meta = {
    description = "Fetches a page by TLS";
    license = lib.licenses.mit;
    mainProgram = "dependent";
  };
}
