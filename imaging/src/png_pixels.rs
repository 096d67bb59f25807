//! The coded pixels of a PNG: the data of its run of IDAT chunks, alone or as a file with nothing else in it.

use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};

use flate2::{Decompress, FlushDecompress, Status};

use super::png_header::PngHeader;
use super::raster::to_usize;
use super::{Deadline, ImageError};

/// The zlib stream that the run of IDAT chunks holds. It ends where the run ends, or the file.
pub(super) struct ZlibStream<S> {
    inner: S,
    /// Bytes of the present chunk's data that are still to come.
    left: usize,
    checksum: crc32fast::Hasher,
    /// Whether each chunk so far was whole, with the right checksum.
    intact: bool,
    ended: bool,
}

impl<S: BufRead + Seek> ZlibStream<S> {
    pub(super) fn new(mut inner: S, header: &PngHeader) -> io::Result<Self> {
        inner.seek(SeekFrom::Start(header.pixels))?;
        let mut stream = Self {
            inner,
            left: 0,
            checksum: crc32fast::Hasher::new(),
            intact: true,
            ended: false,
        };
        stream.begin_chunk()?;
        Ok(stream)
    }

    /// Whether all of it was read and the checksum of each chunk is right.
    pub(super) fn is_intact(&self) -> bool {
        self.intact && self.ended
    }

    /// Goes into the next chunk, or ends.
    fn begin_chunk(&mut self) -> io::Result<()> {
        match read_array::<8>(&mut self.inner)? {
            Some([a, b, c, d, name @ ..]) if &name == b"IDAT" => {
                self.left = to_usize(u32::from_be_bytes([a, b, c, d]));
                self.checksum.reset();
                self.checksum.update(&name);
            }
            _ => self.ended = true,
        }
        Ok(())
    }

    /// Checks the present chunk and goes into the next.
    fn end_chunk(&mut self) -> io::Result<()> {
        let expected = self.checksum.clone().finalize();
        self.intact &= read_array(&mut self.inner)?.map(u32::from_be_bytes) == Some(expected);
        self.begin_chunk()
    }
}

/// The next bytes; `None` where the file ends before.
fn read_array<const N: usize>(source: &mut impl Read) -> io::Result<Option<[u8; N]>> {
    let mut bytes = [0; N];
    match source.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

impl<S: BufRead + Seek> ZlibStream<S> {
    /// What is at hand; empty at the end.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.left == 0 && !self.ended {
            self.end_chunk()?;
        }
        if self.ended {
            return Ok(&[]);
        }
        // Borrowed again below: the compiler does not see that an empty buffer is not given away.
        if self.inner.fill_buf()?.is_empty() {
            (self.intact, self.ended) = (false, true);
            return Ok(&[]);
        }
        let buffer = self.inner.fill_buf()?;
        let length = buffer.len().min(self.left);
        Ok(buffer.get(..length).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        if let Ok(buffer) = self.inner.fill_buf() {
            self.checksum
                .update(buffer.get(..amount).unwrap_or_default());
        }
        self.left -= amount;
        self.inner.consume(amount);
    }
}

/// Whether the zlib stream is whole and its own checksum, which is of the samples, is right.
///
/// # Errors
/// Those of the source, and the deadline's.
pub(super) fn has_right_samples(
    source: impl BufRead + Seek,
    header: &PngHeader,
    deadline: &Deadline,
) -> Result<bool, ImageError> {
    let mut stream = ZlibStream::new(source, header)?;
    let mut inflater = Decompress::new(true);
    let mut samples = vec![0; 64 * 1024];
    loop {
        deadline.check()?;
        let input = stream.fill_buf()?;
        let before = (inflater.total_in(), inflater.total_out());
        let status = inflater.decompress(input, &mut samples, FlushDecompress::None);
        let after = (inflater.total_in(), inflater.total_out());
        stream.consume(usize::try_from(after.0 - before.0).unwrap_or(usize::MAX));
        match status {
            Ok(Status::StreamEnd) => return Ok(true),
            Ok(_) if after != before => {}
            // It ends too early, or is no zlib stream.
            _ => return Ok(false),
        }
    }
}

/// A PNG with nothing in it but what the pixels need, for the decoder to read: IHDR, PLTE and tRNS as the header has them,
/// then the pixels. So nothing that was not looked at comes to it, no text, profile or animation costs it anything, and a
/// missing end chunk or bytes behind it do not matter.
///
/// The checksums are not told: [`ZlibStream`] has looked at them.
pub(super) struct BarePng<'a, S> {
    pixels: &'a mut ZlibStream<S>,
    /// Bytes that are put before the next part of the pixels, and how many of them were read.
    head: Vec<u8>,
    head_read: usize,
    /// Chunks of pixels that were begun, and what is left of the last.
    parts: u64,
    left: usize,
    ended: bool,
}

impl<'a, S: BufRead + Seek> BarePng<'a, S> {
    pub(super) fn new(pixels: &'a mut ZlibStream<S>, header: &PngHeader) -> Self {
        let mut head = b"\x89PNG\r\n\x1a\n".to_vec();
        let size = [header.size.width, header.size.height].map(u32::to_be_bytes);
        let kind = [
            header.bit_depth,
            header.color_type,
            0,
            0,
            header.interlaced.into(),
        ];
        push_chunk(&mut head, b"IHDR", &[size.as_flattened(), &kind].concat());
        for (name, data) in [
            (b"PLTE", &header.palette.colors),
            (b"tRNS", &header.palette.transparency),
        ] {
            if !data.is_empty() {
                push_chunk(&mut head, name, data);
            }
        }
        Self {
            pixels,
            head,
            head_read: 0,
            parts: 0,
            left: 0,
            ended: false,
        }
    }

    /// Begins the next chunk, as long as the pixels that are at hand, or the last.
    fn next_part(&mut self) -> io::Result<()> {
        self.left = self.pixels.fill_buf()?.len();
        self.ended = self.left == 0;
        self.head.clear();
        self.head_read = 0;
        if self.parts > 0 {
            self.head.extend(NO_CHECKSUM);
        }
        self.parts += 1;
        if self.ended {
            push_chunk(&mut self.head, b"IEND", &[]);
        } else {
            self.head.extend((self.left as u32).to_be_bytes());
            self.head.extend(b"IDAT");
        }
        Ok(())
    }
}

impl<S: BufRead + Seek> BufRead for BarePng<'_, S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.head_read == self.head.len() && self.left == 0 && !self.ended {
            self.next_part()?;
        }
        if self.head_read < self.head.len() {
            return Ok(self.head.get(self.head_read..).unwrap_or_default());
        }
        let buffer = self.pixels.fill_buf()?;
        let length = buffer.len().min(self.left);
        Ok(buffer.get(..length).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        if self.head_read < self.head.len() {
            self.head_read += amount;
        } else {
            self.left = self.left.saturating_sub(amount);
            self.pixels.consume(amount);
        }
    }
}

impl<S: BufRead + Seek> Read for BarePng<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), available.get(..length)) {
            to.copy_from_slice(from);
        }
        self.consume(length);
        Ok(length)
    }
}

impl<S> Seek for BarePng<'_, S> {
    /// The decoder asks for the trait but only ever reads on.
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(ErrorKind::Unsupported.into())
    }
}

fn push_chunk(bytes: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    bytes.extend((data.len() as u32).to_be_bytes());
    bytes.extend(name);
    bytes.extend(data);
    bytes.extend(NO_CHECKSUM);
}

/// In the place of a checksum that nobody looks at.
const NO_CHECKSUM: [u8; 4] = [0; 4];
