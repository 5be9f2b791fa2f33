//! What a worker's memory is at the beginning of each invocation: a file with the bytes from the first page that is not zero to the last one,
//! which slots map.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use super::mapping::{Mapping, PAGE_BYTES};

const MAGIC: &[u8; 16] = b"ouro image 1\0\0\0\0";
/// Before the contents, so that these begin on a page.
const HEAD_BYTES: usize = PAGE_BYTES;

pub(crate) struct Image {
    /// `None` where everything is zero.
    file: Option<File>,
    /// Size of the memory; zero stands for any.
    bytes: usize,
    /// Where the contents begin in it.
    start: usize,
    /// `None` where everything is zero.
    contents: Option<Mapping>,
}

impl Image {
    /// The file for a memory of so many bytes with these segments; none where one of them does not fit.
    pub fn encode<'a>(
        bytes: usize,
        segments: impl IntoIterator<Item = (usize, &'a [u8])>,
    ) -> Option<Vec<u8>> {
        let mut memory = vec![0; bytes];
        for (at, segment) in segments {
            let place = memory.get_mut(at..at.checked_add(segment.len())?)?;
            place.copy_from_slice(segment);
        }
        let is_written = |page: &[u8]| page.iter().any(|byte| *byte != 0);
        let first = memory.chunks(PAGE_BYTES).position(is_written);
        let last = memory.chunks(PAGE_BYTES).rposition(is_written);
        let pages = first
            .zip(last)
            .map_or(0..0, |(first, last)| first..last + 1);
        let contents = &memory[pages.start * PAGE_BYTES..(pages.end * PAGE_BYTES).min(bytes)];
        let mut encoded = Vec::with_capacity(HEAD_BYTES + contents.len());
        encoded.extend_from_slice(MAGIC);
        for number in [bytes, pages.start * PAGE_BYTES, contents.len()] {
            encoded.extend_from_slice(&(number as u64).to_le_bytes());
        }
        encoded.resize(HEAD_BYTES, 0);
        encoded.extend_from_slice(contents);
        Some(encoded)
    }

    /// Opens what `encode` gave.
    ///
    /// # Errors
    /// The file cannot be read or mapped, or is something else.
    pub fn open(mut file: File) -> io::Result<Self> {
        let mut head = [0; 40];
        file.read_exact(&mut head)?;
        let number = |at: usize| {
            let bytes = head[at..].first_chunk().copied().unwrap_or_default();
            usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX)
        };
        let (bytes, start, length) = (number(16), number(24), number(32));
        let is_whole = file.metadata()?.len() == (HEAD_BYTES as u64).saturating_add(length as u64);
        let is_aligned = [bytes, start, length]
            .iter()
            .all(|number| number.is_multiple_of(PAGE_BYTES));
        let fits = start.checked_add(length).is_some_and(|end| end <= bytes);
        if !head.starts_with(MAGIC) || !is_whole || !is_aligned || !fits {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not an image of a memory",
            ));
        }
        let contents = match length {
            0 => None,
            _ => Some(Mapping::of_file(&file, HEAD_BYTES, length)?),
        };
        Ok(Self {
            file: Some(file),
            bytes,
            start,
            contents,
        })
    }

    /// That of a component which fills its memories itself: zeros, in memories of any size. Its slots are not those of another one.
    pub fn zeros() -> Self {
        Self {
            file: None,
            bytes: 0,
            start: 0,
            contents: None,
        }
    }

    /// Is it that of a memory of so many bytes?
    pub fn fits(&self, bytes: usize) -> bool {
        self.bytes == 0 || self.bytes == bytes
    }

    /// Opens what `encode` gave where no file can be written.
    pub fn in_memory(encoded: &[u8]) -> io::Result<Self> {
        let mut file = anonymous_file()?;
        file.write_all(encoded)?;
        file.rewind()?;
        Self::open(file)
    }

    /// Size of the memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What the file takes.
    pub fn file_bytes(&self) -> u64 {
        (HEAD_BYTES + self.contents().len()) as u64
    }

    fn contents(&self) -> &[u8] {
        self.contents.as_ref().map_or(&[], Mapping::bytes)
    }

    /// Maps the contents to where they belong in a memory that begins at `base` and is zero.
    pub fn map_into(&self, mapping: &mut Mapping, base: usize) -> io::Result<()> {
        match &self.file {
            Some(file) => {
                mapping.open_file(base + self.start, self.contents().len(), file, HEAD_BYTES)
            }
            None => Ok(()),
        }
    }

    /// Makes a part of a memory, which begins at `at`, what it was.
    pub fn restore(&self, at: usize, part: &mut [u8]) {
        let (contents, end) = (self.contents(), at + part.len());
        let contents_end = self.start + contents.len();
        // What lies before, within and after the contents.
        let (from, to) = (self.start.clamp(at, end), contents_end.clamp(at, end));
        part[..from - at].fill(0);
        part[to - at..].fill(0);
        if from < to {
            part[from - at..to - at].copy_from_slice(&contents[from - self.start..to - self.start]);
        }
    }
}

#[allow(unsafe_code)] // The standard library has no memfd.
fn anonymous_file() -> io::Result<File> {
    use std::os::fd::FromRawFd;
    // SAFETY: the name is a C string.
    let fd = unsafe { libc::memfd_create(c"ouro-image".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new, and nobody else's.
    Ok(unsafe { File::from_raw_fd(fd) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_restored_before_within_and_after_the_contents() {
        let encoded = Image::encode(64 << 10, [(9000, &b"hello"[..])]).expect("fits");
        let image = Image::in_memory(&encoded).expect("opens");
        assert_eq!((image.start, image.contents().len()), (8192, PAGE_BYTES));
        let mut memory = vec![1; 64 << 10];
        image.restore(0, &mut memory[..4096]);
        image.restore(4096, &mut memory[4096..20_480]);
        image.restore(20_480, &mut memory[20_480..]);
        assert_eq!(&memory[9000..9005], b"hello");
        assert_eq!(memory.iter().filter(|byte| **byte != 0).count(), 5);
    }

    #[test]
    fn what_is_no_image_is_refused() {
        assert!(Image::encode(64 << 10, [((64 << 10) - 1, &b"ab"[..])]).is_none());
        let encoded = Image::encode(64 << 10, [(1, &b"a"[..])]).expect("fits");
        assert!(Image::in_memory(&encoded).is_ok());
        assert!(Image::in_memory(&encoded[..encoded.len() - 1]).is_err());
        let mut beyond = encoded.clone();
        beyond[24..32].copy_from_slice(&(64_u64 << 10).to_le_bytes());
        assert!(Image::in_memory(&beyond).is_err());
        let mut other = encoded;
        other[0] ^= 1;
        assert!(Image::in_memory(&other).is_err());
        let empty = Image::encode(64 << 10, []).expect("fits");
        assert_eq!(Image::in_memory(&empty).expect("opens").bytes(), 64 << 10);
    }
}
