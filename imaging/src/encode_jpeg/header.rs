//! What comes before the coded blocks.

use super::{CHROMA, Component, LUMA};
use crate::ImageError;
use crate::jpeg::ZIGZAG;

/// All that comes before the coded blocks (B.2.2 to B.2.4), with a JFIF segment.
pub(super) fn write_header(
    bytes: &mut Vec<u8>,
    components: &[Component],
) -> Result<(), ImageError> {
    let Some(first) = components.first() else {
        return Err(ImageError::Unsupported("a picture without samples"));
    };
    // A JPEG's thumbnail is no larger than the JPEG, whose sides fit into 16 bits.
    let (Ok(width), Ok(height)) = (
        u16::try_from(first.plane.size.width),
        u16::try_from(first.plane.size.height),
    ) else {
        return Err(ImageError::Unsupported("a side that JPEG cannot have"));
    };
    let count = components.len() as u8;
    let [width, height] = [width, height].map(u16::to_be_bytes);

    bytes.extend([0xFF, 0xD8]);
    // JFIF 1.02: square pixels, no preview.
    segment(bytes, 0xE0, &[b"JFIF\0", &[1, 2, 0, 0, 1, 0, 1, 0, 0]]);
    let codings = [&LUMA, &CHROMA];
    let codings = &codings[..components.len().min(2)];
    for coding in codings {
        let steps = ZIGZAG.map(|place| coding.steps[usize::from(place)]);
        segment(bytes, 0xDB, &[&[coding.number], &steps]);
    }
    let mut frame = Vec::new();
    let mut scan = vec![count];
    for (component, id) in components.iter().zip(1..) {
        let (sampling, number) = (component.sampling as u8, component.coding.number);
        frame.extend([id, sampling << 4 | sampling, number]);
        scan.extend([id, number << 4 | number]);
    }
    segment(bytes, 0xC0, &[&[8], &height, &width, &[count], &frame]);
    for coding in codings {
        for (class, spec) in [(0, &coding.dc), (0x10, &coding.ac)] {
            segment(
                bytes,
                0xC4,
                &[&[class | coding.number], &spec.counts, spec.symbols],
            );
        }
    }
    segment(bytes, 0xDA, &[&scan, &[0, 63, 0]]);
    Ok(())
}

/// A marker segment (B.1.1.4) of these parts.
fn segment(bytes: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length = 2 + parts.iter().map(|part| part.len() as u16).sum::<u16>();
    bytes.extend([0xFF, marker]);
    bytes.extend(length.to_be_bytes());
    for part in parts {
        bytes.extend_from_slice(part);
    }
}
