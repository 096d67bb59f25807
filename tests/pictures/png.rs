//! PNGs of every kind, written chunk by chunk, and surgery on their chunks.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A PNG to be made: any bit depth, any colour type, interlaced or not.
#[derive(Debug, Clone)]
pub struct Png {
    width: u32,
    height: u32,
    bit_depth: u8,
    color_type: u8,
    interlaced: bool,
    chunks: Vec<Vec<u8>>,
    /// The samples of the pixel in a column and a row.
    samples: fn(u32, u32, u32) -> [u16; 4],
}

/// The first pixel and the steps of Adam7's passes: column, row, columns, rows.
const PASSES: [(u32, u32, u32, u32); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

impl Png {
    /// A picture of smooth slopes that differ in each channel, alpha's among them; of a palette, slanted stripes.
    pub fn new(width: u32, height: u32, color_type: u8, bit_depth: u8) -> Self {
        let chunks = if color_type == 3 {
            let entries = 1_usize << bit_depth;
            let colors: Vec<u8> = (0..entries)
                .flat_map(|index| palette_color(index, entries))
                .collect();
            vec![chunk(b"PLTE", &colors)]
        } else {
            Vec::new()
        };
        Self {
            width,
            height,
            bit_depth,
            color_type,
            interlaced: false,
            chunks,
            samples: slopes,
        }
    }

    /// Other samples: a function of column, row and the largest sample.
    pub fn samples(self, samples: fn(u32, u32, u32) -> [u16; 4]) -> Self {
        Self { samples, ..self }
    }

    pub fn interlaced(self) -> Self {
        Self {
            interlaced: true,
            ..self
        }
    }

    /// Adds a chunk before the pixels.
    pub fn chunk(mut self, name: &[u8; 4], data: &[u8]) -> Self {
        self.chunks.push(chunk(name, data));
        self
    }

    /// Adds an iCCP chunk.
    pub fn profile(self, profile: &[u8]) -> Self {
        let data = [b"a profile\0\0".to_vec(), zlib(profile)].concat();
        self.chunk(b"iCCP", &data)
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut header = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        header.extend([
            self.bit_depth,
            self.color_type,
            0,
            0,
            u8::from(self.interlaced),
        ]);
        file.extend(chunk(b"IHDR", &header));
        file.extend(self.chunks.concat());
        let pixels = zlib(&self.pixels());
        // In more than one chunk, as encoders do.
        for part in pixels.chunks(pixels.len().div_ceil(2).min(65_536)) {
            file.extend(chunk(b"IDAT", part));
        }
        file.extend(chunk(b"IEND", b""));
        file
    }

    /// Rows with filter bytes, pass after pass.
    fn pixels(&self) -> Vec<u8> {
        if !self.interlaced {
            return self.pass(0, 0, 1, 1);
        }
        PASSES
            .into_iter()
            .flat_map(|(x, y, columns, rows)| self.pass(x, y, columns, rows))
            .collect()
    }

    fn pass(&self, first_x: u32, first_y: u32, columns: u32, rows: u32) -> Vec<u8> {
        let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(self.color_type)];
        let depth = u32::from(self.bit_depth);
        let mut bytes = Vec::new();
        if first_x >= self.width {
            return bytes;
        }
        for y in (first_y..self.height).step_by(rows as usize) {
            bytes.push(0);
            let (mut bits, mut pending) = (0, 0_u32);
            for x in (first_x..self.width).step_by(columns as usize) {
                for sample in &(self.samples)(x, y, (1 << depth) - 1)[..channels] {
                    pending = (pending << depth) | u32::from(*sample);
                    bits += depth;
                    while bits >= 8 {
                        bits -= 8;
                        bytes.push((pending >> bits) as u8);
                        pending &= (1 << bits) - 1;
                    }
                }
            }
            if bits > 0 {
                bytes.push((pending << (8 - bits)) as u8);
            }
        }
        bytes
    }
}

fn slopes(x: u32, y: u32, largest: u32) -> [u16; 4] {
    let part = |position: u32, period: u32| {
        let position = position % (2 * period);
        let up = if position < period {
            position
        } else {
            2 * period - position
        };
        (u64::from(up) * u64::from(largest) / u64::from(period)) as u16
    };
    [
        part(x, 97),
        part(y, 61),
        part(x + y, 127),
        part(2 * x + 30, 151),
    ]
}

/// A colour of the palette: a wheel, dark to light.
fn palette_color(index: usize, entries: usize) -> [u8; 3] {
    let value = (index * 255 / entries.max(2)) as u8;
    [value, 255 - value, value.wrapping_mul(3)]
}

/// Compresses to a zlib stream.
pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A chunk: length, name, data, checksum.
pub fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name, data].concat();
    let checksum = crc32fast::hash(&named).to_be_bytes();
    [
        &(data.len() as u32).to_be_bytes(),
        named.as_slice(),
        &checksum,
    ]
    .concat()
}

/// Where a file's chunks are: name, and the range of the whole chunk.
pub fn chunks(png: &[u8]) -> Vec<([u8; 4], std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 8;
    while let Some(head) = png.get(at..at + 8) {
        let length = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize + 12;
        found.push((head[4..].try_into().unwrap(), at..at + length));
        at += length;
    }
    found
}

/// Puts a whole chunk before the first of this name.
pub fn with_chunk(png: &[u8], before: &[u8; 4], chunk: &[u8]) -> Vec<u8> {
    let at = chunks(png)
        .into_iter()
        .find(|(name, _)| name == before)
        .map_or(png.len(), |(_, range)| range.start);
    [&png[..at], chunk, &png[at..]].concat()
}

/// Takes out all chunks of this name.
pub fn without_chunk(png: &[u8], name: &[u8; 4]) -> Vec<u8> {
    let mut kept = png[..8].to_vec();
    for (found, range) in chunks(png) {
        if found != *name {
            kept.extend(&png[range]);
        }
    }
    kept
}
