//! What is fuzzed. Each target is a file: how an input is read, what runs, and which properties have to hold.

mod artifact;
mod faulty;
mod folder;
mod host;
mod manifest;
mod multipart;
mod project;
mod server_config;
mod snapshot;
mod statements;
mod values;

use tempfile::TempDir;

/// Something that reads bytes.
pub trait Target {
    /// Runs one input and says what came of it.
    ///
    /// # Panics
    /// Where a property does not hold.
    fn run(&mut self, input: &[u8]) -> String;
}

pub struct Entry {
    pub name: &'static str,
    pub start: fn() -> Box<dyn Target>,
    /// Inputs that are made rather than kept, since they change with the build.
    pub examples: fn() -> Vec<Vec<u8>>,
    /// Words of the format.
    pub words: &'static [&'static [u8]],
    /// What one input may hold of memory: so many bytes, and so many times its length.
    pub memory: (usize, usize),
}

pub const ALL: &[Entry] = &[
    artifact::ENTRY,
    snapshot::ENTRY,
    project::ENTRY,
    server_config::ENTRY,
    host::ENTRY,
    values::ENTRY,
    statements::ENTRY,
    manifest::ENTRY,
    folder::ENTRY,
    multipart::ENTRY,
];

/// Fails in every way there is, so that a test sees that each is caught.
pub const FAULTY: Entry = faulty::ENTRY;

fn none() -> Vec<Vec<u8>> {
    Vec::new()
}

/// In memory where there is such a file system: thousands of files a second are written, and a commit waits for the disk.
fn temporary_folder() -> TempDir {
    const IN_MEMORY: &str = "/dev/shm";
    let folder = tempfile::tempdir_in(IN_MEMORY).or_else(|_| tempfile::tempdir());
    folder.expect("a folder")
}

/// A small count, in a form that tells outcomes apart.
fn tally(count: usize) -> String {
    "+".repeat(count.min(9))
}

/// The lines of a section that a line `--- name` begins; what stands before the first is the section without a name.
fn section<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let mut current = "";
    text.lines()
        .filter(move |line| match line.strip_prefix("--- ") {
            Some(begun) => {
                current = begun;
                false
            }
            None => current == name,
        })
}

/// The same as one text.
fn section_text(text: &str, name: &str) -> String {
    let lines: Vec<_> = section(text, name).collect();
    lines.join("\n")
}
