//! PNG: chunks with right checksums, and pixels behind their compression.

use std::io::{Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use crate::{
    pieces::{self, Piece, set_field},
    random::Random,
};

pub const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

const KINDS: [[u8; 4]; 18] = [
    *b"IHDR", *b"PLTE", *b"tRNS", *b"IDAT", *b"IEND", *b"acTL", *b"fcTL", *b"fdAT", *b"cHRM", *b"gAMA", *b"iCCP", *b"sRGB", *b"cICP",
    *b"eXIf", *b"zTXt", *b"iTXt", *b"bKGD", *b"ABCD",
];

/// Bytes of pixels that are unpacked at most.
const MAX_PIXELS: u64 = 1 << 20;

pub fn mutate(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut chunks = parse(file);
    if random.one_in(4) {
        repack(&mut chunks, random);
    } else {
        for _ in 0..=random.below(3) {
            pieces::mutate(&mut chunks, &KINDS, random);
        }
    }
    write(&chunks, random)
}

fn parse(file: &[u8]) -> Vec<Piece> {
    let mut chunks = Vec::new();
    let mut rest = &file[SIGNATURE.len()..];
    while let Some(([a, b, c, d, kind @ ..], data)) = rest.split_first_chunk::<8>() {
        let length = (u32::from_be_bytes([*a, *b, *c, *d]) as usize).min(data.len());
        chunks.push(Piece::new(*kind, data[..length].to_vec()));
        rest = data.get(length + 4..).unwrap_or_default();
    }
    chunks
}

fn write(chunks: &[Piece], random: &mut Random) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();
    let wrong = if random.one_in(16) { random.below(chunks.len()) } else { usize::MAX };
    for (index, chunk) in chunks.iter().enumerate() {
        let named = [&chunk.kind[..], &chunk.data].concat();
        file.extend(chunk.told(chunk.data.len()).to_be_bytes());
        file.extend(&named);
        let checksum = crc32fast::hash(&named) ^ u32::from(index == wrong);
        file.extend(checksum.to_be_bytes());
    }
    file
}

/// Unpacks the pixels, changes them, and packs them again into one chunk or several.
fn repack(chunks: &mut Vec<Piece>, random: &mut Random) {
    let Some(first) = chunks.iter().position(|chunk| &chunk.kind == b"IDAT") else { return };
    let packed: Vec<u8> = chunks.iter().filter(|chunk| &chunk.kind == b"IDAT").flat_map(|chunk| chunk.data.clone()).collect();
    let mut pixels = Vec::new();
    let _ = ZlibDecoder::new(&packed[..]).take(MAX_PIXELS).read_to_end(&mut pixels);
    for _ in 0..=random.below(4) {
        set_field(&mut pixels, random);
    }
    let length = random.pick(&[pixels.len(), pixels.len(), pixels.len() + 1, pixels.len().saturating_sub(1), pixels.len() + 9000]);
    pixels.resize(length, 0);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(random.below(10) as u32));
    let _ = encoder.write_all(&pixels);
    let mut packed = encoder.finish().unwrap_or_default();
    if random.one_in(8) {
        packed.truncate(packed.len().saturating_sub(random.below(8)));
    }
    chunks.retain(|chunk| &chunk.kind != b"IDAT");
    let part = random.pick(&[packed.len(), packed.len() / 2, packed.len() / 7]).max(1);
    let parts: Vec<Piece> = packed.chunks(part).map(|data| Piece::new(*b"IDAT", data.to_vec())).collect();
    let first = first.min(chunks.len());
    chunks.splice(first..first, parts);
}
