# For nixpkgs, by `callPackage`, from the crate, unpacked.
# NOT RUN WITH NIXPKGS: the test evaluates this file, and builds what comes of it, with
# tests/recipes/nixpkgs.nix in the place of rustPlatform.
{
  lib,
  rustPlatform,
  openssl,
}:

rustPlatform.buildRustPackage {
  pname = "cacerts";
  version = "0.1.0";
  src = lib.cleanSource ../..;
  cargoLock.lockFile = ../../Cargo.lock;
  buildFeatures = [
    "cli"
    "require-path"
  ];

  # In `env`: with __structuredAttrs, a plain attribute is no variable of the build.
  env.CACERTS_DEFAULTS_FILE = "${../nix.toml}";

  cargoTestFlags = [
    "--lib"
    "--test"
    "integration"
  ];
  nativeCheckInputs = [ openssl ];

  # NixOS has no package write to /etc.
  postInstall = ''
    bash packaging/install "$out"
  '';

  meta = {
    description = "Tells which CA store TLS clients trust, and makes verified HTTPS requests";
    license = with lib.licenses; [
      mit
      asl20
    ];
    mainProgram = "cacerts";
  };
}
