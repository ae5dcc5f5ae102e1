//! A directory in which a server of Debian runs as if it were the whole system.
//!
//! Belongs here: unpacking it, its users, its certificate and its mailbox. Does not belong here: the server's settings ([`super::servers`]).

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::output;
use super::servers::Program;
use crate::Failure;

/// The user who owns the mailbox.
const NOBODY: u32 = 65_534;
/// How long a message may take: two attempts of the service, with the pauses between them.
const LONGEST_WAY: Duration = Duration::from_secs(60);

/// The directory.
pub(super) struct Root {
    pub(super) path: PathBuf,
    pub(super) version: String,
    authority: PathBuf,
}

impl Root {
    /// Unpacks the program with what it needs. Nothing is installed.
    pub(super) fn make(work: &Path, program: &Program) -> Result<Self, Failure> {
        let (path, packages) = (work.join("root"), work.join("packages"));
        fs::create_dir_all(packages.join("partial"))?;
        let archives = format!("Dir::Cache::archives={}", packages.display());
        let options = ["--reinstall", "--download-only", "--no-install-recommends", "--yes", "-o", &archives];
        output(Command::new("apt-get").arg("install").args(options).arg(program.package))?;
        let mut version = String::new();
        for entry in fs::read_dir(&packages)? {
            let package = entry?.path();
            if package.extension().is_some_and(|extension| extension == "deb") {
                output(Command::new("dpkg").arg("-x").args([&package, &path]))?;
                let is_own = package
                    .file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with(&format!("{}_", program.package)));
                if is_own {
                    let said = output(Command::new("dpkg-deb").arg("-f").arg(&package).arg("Version"))?;
                    version = String::from_utf8(said)?.trim().to_owned();
                }
            }
        }
        for directory in ["etc", "dev", "tmp", "run", "bin", "var/run", "var/log", "var/spool", "var/got"] {
            fs::create_dir_all(path.join(directory))?;
        }
        for program in ["/bin/sh", "/bin/mkdir"] {
            fs::copy(program, path.join(program.trim_start_matches('/')))?;
        }
        copy_libraries(&path)?;
        for (name, minor) in [("null", "3"), ("random", "8"), ("urandom", "9")] {
            let device = path.join("dev").join(name);
            output(Command::new("mknod").args(["-m", "666"]).arg(device).args(["c", "1", minor]))?;
        }
        fs::set_permissions(path.join("tmp"), fs::Permissions::from_mode(0o1777))?;
        chown(path.join("var/got"), Some(NOBODY), Some(NOBODY))?;
        let mut users = String::from("root:x:0:0::/:/bin/false\n");
        let mut groups = String::from("root:x:0:\n");
        for (name, id) in program.users.iter().chain(&[("nobody", NOBODY), ("nogroup", NOBODY)]) {
            users.push_str(&format!("{name}:x:{id}:{id}::/var/got:/bin/false\n"));
            groups.push_str(&format!("{name}:x:{id}:\n"));
        }
        fs::write(path.join("etc/passwd"), users)?;
        fs::write(path.join("etc/group"), groups)?;
        let authority = certificate(work, &path.join("etc"))?;
        if let Some((_, id)) = program.users.first().filter(|_| program.reads_key_as_user) {
            chown(path.join("etc/key.pem"), Some(*id), Some(*id))?;
        }
        (program.prepare)(&path)?;
        Ok(Self { path, version, authority })
    }

    /// The authority that has signed the server's certificate.
    pub(super) fn authority(&self) -> PathBuf {
        self.authority.clone()
    }

    pub(super) fn empty_the_mailbox(&self) -> Result<(), Failure> {
        for entry in fs::read_dir(self.path.join("var/got"))? {
            let path = entry?.path();
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
        Ok(())
    }

    /// Waits until a message with this line is in the mailbox.
    pub(super) fn has_got(&self, line: &str) -> Result<(), Failure> {
        let end = Instant::now() + LONGEST_WAY;
        while Instant::now() < end {
            let mut text = String::new();
            read_all(&self.path.join("var/got"), &mut text)?;
            if text.lines().any(|there| there == line) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Err(format!("no message came within {} s", LONGEST_WAY.as_secs()).into())
    }

    /// Whether nothing is in the mailbox of a service that greets by this name.
    pub(super) fn has_got_nothing_by(&self, hello_name: &str) -> Result<(), Failure> {
        let mut text = String::new();
        read_all(&self.path.join("var/got"), &mut text)?;
        if !text.contains(hello_name) { Ok(()) } else { Err("something has arrived".into()) }
    }
}

/// A mailbox is a file, or a directory with a file for each message.
fn read_all(directory: &Path, text: &mut String) -> Result<(), Failure> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            read_all(&path, text)?;
        } else {
            // It may have been moved meanwhile.
            text.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()));
        }
    }
    Ok(())
}

/// The libraries of this machine that the programs in the directory name.
fn copy_libraries(root: &Path) -> Result<(), Failure> {
    let mut listed = Vec::new();
    for part in ["usr", "bin"] {
        listed.extend(output(
            Command::new("find")
                .arg(root.join(part))
                .args(["-type", "f", "(", "-perm", "-100", "-o", "-name", "*.so*", ")", "-print0"]),
        )?);
    }
    for file in String::from_utf8(listed)?.split('\0').filter(|file| !file.is_empty()) {
        // Scripts have none.
        let Ok(said) = output(Command::new("ldd").arg(file)) else { continue };
        let said = String::from_utf8_lossy(&said).into_owned();
        for library in said.split_whitespace().filter(|word| word.starts_with('/')) {
            let library = library.trim_end_matches(':');
            let copy = root.join(library.trim_start_matches('/'));
            if Path::new(library).is_file() && !Path::new(library).starts_with(root) && !copy.exists() {
                fs::create_dir_all(copy.parent().ok_or("a library lies in no directory")?)?;
                fs::copy(library, copy)?;
            }
        }
    }
    Ok(())
}

/// An authority of one's own, and a certificate by it for this machine; where the authority's certificate is.
fn certificate(work: &Path, into: &Path) -> Result<PathBuf, Failure> {
    let (authority, authority_key) = (work.join("authority.pem"), work.join("authority.key"));
    let (request, names) = (work.join("request.pem"), work.join("names"));
    fs::write(&names, "subjectAltName=IP:127.0.0.1\n")?;
    let new = || {
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-newkey", "rsa:2048", "-nodes"]);
        openssl
    };
    output(
        new()
            .args(["-x509", "-days", "30", "-subj", "/CN=Own authority", "-keyout"])
            .arg(&authority_key)
            .arg("-out")
            .arg(&authority),
    )?;
    output(
        new().args(["-subj", "/CN=127.0.0.1", "-keyout"]).arg(into.join("key.pem")).arg("-out").arg(&request),
    )?;
    output(
        Command::new("openssl")
            .args(["x509", "-req", "-days", "30", "-CAcreateserial", "-in"])
            .arg(&request)
            .arg("-CA")
            .arg(&authority)
            .arg("-CAkey")
            .arg(&authority_key)
            .arg("-extfile")
            .arg(&names)
            .arg("-out")
            .arg(into.join("cert.pem")),
    )?;
    fs::set_permissions(into.join("key.pem"), fs::Permissions::from_mode(0o600))?;
    Ok(authority)
}
