//! Folders and small disks for one case each, and programs that run to their end.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;

/// A folder for one case, which is removed after it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self(done(Command::new("mktemp").args(["-d", "--tmpdir", "iampass-databases-XXXXXX"]))?.into()))
            .and_then(|scratch: Self| {
                // Servers run as another account.
                done(Command::new("chmod").arg("0777").arg(&scratch.0))?;
                Ok(scratch)
            })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A small disk in memory.
pub(super) struct Disk(PathBuf);

impl Disk {
    pub(super) fn of(scratch: &Scratch, size: &str) -> Result<Self, Failure> {
        let folder = scratch.path("disk");
        std::fs::create_dir(&folder)?;
        let size = format!("size={size}");
        done(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder))?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Leaves no room on it.
    pub(super) fn fill(&self) -> Result<(), Failure> {
        let fill = self.path("fill");
        // It ends with an error when the disk is full, which is the purpose.
        let _ = std::fs::write(&fill, vec![0; 64 << 20]);
        let mut rest = std::fs::OpenOptions::new().append(true).open(&fill)?;
        while std::io::Write::write(&mut rest, &[0]).is_ok_and(|written| written > 0) {}
        Ok(())
    }

    /// Makes room again.
    pub(super) fn free(&self) -> Result<(), Failure> {
        Ok(std::fs::remove_file(self.path("fill"))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Runs a program to its end, quietly.
pub(super) fn done(command: &mut Command) -> Result<String, Failure> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let program = Path::new(command.get_program()).display().to_string();
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}
