# What stands for nixpkgs in tests/clean-root/recipes: rustPlatform.buildRustPackage in so far as the two files of
# packaging/nix use it, by cargo of the machine, with __structuredAttrs. In the package with the name `plain`, what is
# in `env` is a plain attribute instead.
{ host, plain }:
rec {
  lib = {
    cleanSource = path: path;
    licenses = { mit = "MIT"; asl20 = "Apache-2.0"; };
  };
  openssl = null;
  rustPlatform.buildRustPackage = args: derivation (
    {
      name = "${args.pname}-${args.version}";
      system = builtins.currentSystem;
      __structuredAttrs = true;
      builder = "/bin/bash";
      args = [ ./nixpkgs.sh ];
      inherit host;
    }
    // removeAttrs args [ "meta" "nativeCheckInputs" "cargoLock" ]
    // { inputs = map (input: "${input}/bin") (args.nativeInstallCheckInputs or [ ]); }
    // (if args.pname == plain then { env = { }; } // args.env else { })
  );
}
