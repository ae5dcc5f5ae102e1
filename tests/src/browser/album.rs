//! Pictures of what a browser showed. Belongs here: keeping them when a test fails. Does not belong here: taking them.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The pictures of one browser in one test, in memory until they are wanted.
#[derive(Debug)]
pub(super) struct Album {
    folder: PathBuf,
    pictures: Mutex<Vec<Picture>>,
}

#[derive(Debug)]
struct Picture {
    step: String,
    png: Vec<u8>,
}

impl Album {
    /// An empty one for the test of this thread, in `target/browser-screenshots/`. Files left there by an earlier run are removed.
    pub(super) fn new(browser: &str) -> Self {
        let test = std::thread::current().name().unwrap_or("test").to_owned();
        let folder = target().join("browser-screenshots").join(plain(&test)).join(plain(browser));
        let _ = std::fs::remove_dir_all(&folder);
        Self { folder, pictures: Mutex::new(Vec::new()) }
    }

    pub(super) fn add(&self, step: &str, png: Vec<u8>) {
        let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.push(Picture { step: plain(step), png });
    }

    /// Writes them all, numbered, and says where.
    pub(super) fn keep(&self) -> std::io::Result<&Path> {
        std::fs::create_dir_all(&self.folder)?;
        let pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        for (at, picture) in pictures.iter().enumerate() {
            std::fs::write(self.folder.join(format!("{:02}-{}.png", at + 1, picture.step)), &picture.png)?;
        }
        Ok(&self.folder)
    }
}

/// A test that fails unwinds past its browsers.
impl Drop for Album {
    fn drop(&mut self) {
        let pictures = self.pictures.get_mut().unwrap_or_else(PoisonError::into_inner);
        if std::thread::panicking()
            && !pictures.is_empty()
            && let Ok(folder) = self.keep()
        {
            eprintln!("what the browser showed is kept in {}", folder.display());
        }
    }
}

/// The directory that is built into: tests are in `target/debug/deps`.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap_or_default();
    test.ancestors().nth(3).map(ToOwned::to_owned).unwrap_or_default()
}

fn plain(text: &str) -> String {
    let words: Vec<_> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}
