//! What each server has to be told. All of them start as root and as anybody else, in the foreground, and
//! keep all their files in one directory that only whoever started them can enter: none of them reads
//! anything after it has given up its rights.

use super::super::server::{BODY, ClientCertificate};
use super::{Setup, Versions};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) executable: &'static str,
    /// Whether it hands on to a server of plain HTTP.
    pub(super) is_proxy: bool,
    /// Writes its files, and gives its arguments.
    pub(super) configure: fn(&Site<'_>) -> Vec<String>,
}

pub(super) const PROGRAMS: [Program; 5] = [
    Program { name: "nginx", executable: "nginx", is_proxy: false, configure: nginx },
    Program { name: "hitch", executable: "hitch", is_proxy: true, configure: hitch },
    Program { name: "haproxy", executable: "haproxy", is_proxy: true, configure: haproxy },
    Program { name: "stunnel", executable: "stunnel", is_proxy: true, configure: stunnel },
    Program {
        name: "openssl s_server",
        executable: "openssl",
        is_proxy: false,
        configure: s_server,
    },
];

/// What OpenSSL has to be told to speak TLS 1.1 today.
const OLD_CIPHERS: &str = "DEFAULT@SECLEVEL=0";

/// Where a server is set up.
pub(super) struct Site<'a> {
    pub(super) setup: &'a Setup<'a>,
    pub(super) address: SocketAddr,
    pub(super) behind: Option<SocketAddr>,
    pub(super) directory: &'a Path,
}

impl Site<'_> {
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.directory.join(name);
        fs::write(&path, text).unwrap();
        shown(&path)
    }

    fn certificate(&self) -> String {
        shown(&self.setup.identity.certificate)
    }

    fn key(&self) -> String {
        shown(&self.setup.identity.key)
    }

    /// Certificate, chain and key in one file, as the proxies want it.
    fn all_in_one(&self) -> String {
        let identity = self.setup.identity;
        let parts = [&identity.certificate, &identity.key].map(|p| fs::read_to_string(p).unwrap());
        self.file("all-in-one.pem", &parts.concat())
    }

    fn behind(&self) -> SocketAddr {
        self.behind.unwrap()
    }

    /// A line for the one TLS version, where it is only one.
    fn version(&self, line: impl Fn(&str) -> String) -> String {
        match self.setup.versions {
            Versions::Default => String::new(),
            Versions::Only11 => line("TLSv1.1"),
            Versions::Only12 => line("TLSv1.2"),
            Versions::Only13 => line("TLSv1.3"),
        }
    }

    /// A line that lets OpenSSL speak an old version, where it has to.
    fn ciphers(&self, line: &str) -> String {
        let is_old = self.setup.versions == Versions::Only11;
        if is_old { format!("{line}\n") } else { String::new() }
    }

    /// Lines about clients' certificates: the CA's file, and whether they have to have one.
    fn clients(&self, lines: impl Fn(&str, bool) -> String) -> String {
        let Some((ca, asked)) = self.setup.clients else { return String::new() };
        lines(&shown(ca), matches!(asked, ClientCertificate::Required))
    }
}

fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn nginx(site: &Site<'_>) -> Vec<String> {
    let directory = shown(site.directory);
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {directory}/{what};\n"))
        .concat();
    // Of itself it may speak older ones, too, and not 1.3.
    let versions = match site.version(str::to_owned) {
        only if only.is_empty() => "TLSv1.2 TLSv1.3".to_owned(),
        only => only,
    };
    let ciphers = site.ciphers(&format!("ssl_ciphers {OLD_CIPHERS};"));
    let clients = site.clients(|ca, required| {
        let verify = if required { "on" } else { "optional" };
        format!("ssl_client_certificate {ca};\nssl_verify_client {verify};\n")
    });
    // One process, which keeps the rights it has. `/seen` is what it knows of a request.
    let text = format!(
        "daemon off;\nmaster_process off;\npid {directory}/pid;\nerror_log stderr;\n\
         events {{ worker_connections 64; }}\n\
         http {{\naccess_log off;\n{temporary}\
         server {{\nlisten {address} ssl;\nssl_certificate {certificate};\n\
         ssl_certificate_key {key};\nssl_protocols {versions};\n{ciphers}{clients}\
         location = /page {{ return 200 {BODY:?}; }}\n\
         location = /seen {{ return 200 \"$connection $ssl_client_s_dn\"; }}\n\
         }}\n}}\n",
        address = site.address,
        certificate = site.certificate(),
        key = site.key(),
    );
    let file = site.file("nginx.conf", &text);
    ["-p", &directory, "-e", "stderr", "-c", &file].map(str::to_owned).to_vec()
}

fn hitch(site: &Site<'_>) -> Vec<String> {
    let endpoint = |address: SocketAddr| format!("\"[{}]:{}\"", address.ip(), address.port());
    let versions = site.version(|v| format!("tls-protos = {v}\n"));
    let ciphers = site.ciphers(&format!("ciphers = \"{OLD_CIPHERS}\""));
    let clients = site.clients(|ca, required| {
        let verify = if required { "required" } else { "optional" };
        format!("client-verify = {verify}\nclient-verify-ca = \"{ca}\"\n")
    });
    // As root it insists on becoming somebody else, and as somebody else it cannot.
    #[cfg(unix)]
    let is_root = rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    let is_root = false;
    let user = if is_root { "user = \"nobody\"\n" } else { "" };
    let text = format!(
        "frontend = {}\nbackend = {}\npem-file = \"{}\"\nworkers = 1\nocsp-dir = \"\"\n\
         {user}{versions}{ciphers}{clients}",
        endpoint(site.address),
        endpoint(site.behind()),
        site.all_in_one(),
    );
    vec![format!("--config={}", site.file("hitch.conf", &text))]
}

fn haproxy(site: &Site<'_>) -> Vec<String> {
    let versions = site.version(|v| format!(" ssl-min-ver {v} ssl-max-ver {v}"));
    let ciphers = site.ciphers(&format!("ssl-default-bind-ciphers {OLD_CIPHERS}"));
    let clients = site.clients(|ca, required| {
        let verify = if required { "required" } else { "optional" };
        format!(" ca-file {ca} verify {verify}")
    });
    let text = format!(
        "global\nmaxconn 64\n{ciphers}\
         defaults\nmode tcp\ntimeout connect 5s\ntimeout client 5s\ntimeout server 5s\n\
         listen tls\nbind {address} ssl crt {pem}{versions}{clients}\nserver behind {behind}\n",
        address = site.address,
        pem = site.all_in_one(),
        behind = site.behind(),
    );
    ["-db", "-f", &site.file("haproxy.cfg", &text)].map(str::to_owned).to_vec()
}

fn stunnel(site: &Site<'_>) -> Vec<String> {
    let versions = site.version(|v| format!("sslVersion = {v}\n"));
    let ciphers = site.ciphers(&format!("ciphers = {OLD_CIPHERS}\nsecurityLevel = 0"));
    let clients = site.clients(|ca, required| {
        let required = if required { "yes" } else { "no" };
        format!("CAfile = {ca}\nverifyChain = yes\nrequireCert = {required}\n")
    });
    // Its addresses have no brackets.
    let text = format!(
        "foreground = yes\npid =\nsyslog = no\n[tls]\naccept = {ip}:{port}\nconnect = {behind}\n\
         cert = {certificate}\nkey = {key}\n{versions}{ciphers}{clients}",
        ip = site.address.ip(),
        port = site.address.port(),
        behind = site.behind(),
        certificate = site.certificate(),
        key = site.key(),
    );
    vec![site.file("stunnel.conf", &text)]
}

/// It serves the files of its directory, one connection at a time.
fn s_server(site: &Site<'_>) -> Vec<String> {
    let option = |arguments: &[&str]| arguments.iter().map(|&a| a.to_owned()).collect::<Vec<_>>();
    site.file("page", BODY);
    let (address, certificate) = (site.address.to_string(), site.certificate());
    let mut arguments = option(&["s_server", "-quiet", "-WWW", "-accept", &address]);
    arguments.extend(option(&["-cert", &certificate, "-key", &site.key()]));
    // It takes one certificate from that file, and the rest of the chain from another.
    let chain = fs::read_to_string(&certificate).unwrap();
    let (_, rest) = chain.split_once("-----END CERTIFICATE-----\n").unwrap();
    if rest.contains("BEGIN CERTIFICATE") {
        arguments.extend(option(&["-cert_chain", &site.file("chain.pem", rest)]));
    }
    let versions = site.version(|v| format!("-{}", v.replace("TLSv", "tls").replace('.', "_")));
    arguments.extend((!versions.is_empty()).then_some(versions));
    if site.setup.versions == Versions::Only11 {
        arguments.extend(option(&["-cipher", OLD_CIPHERS]));
    }
    if let Some((ca, asked)) = site.setup.clients {
        let verify =
            if matches!(asked, ClientCertificate::Required) { "-Verify" } else { "-verify" };
        arguments.extend(option(&[verify, "3", "-verify_return_error", "-CAfile", &shown(ca)]));
    }
    arguments
}
