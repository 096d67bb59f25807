//! What a file says before its first scan: frame header (B.2.2), tables, and the metadata that
//! pictures need.

use super::input::{End, Input};
use super::metadata::Metadata;
use super::tables::Tables;
use super::{JpegError, damaged, marker, unsupported};

/// A picture's header. A value that exists describes a picture of this decoder's kinds: 8 bits,
/// Huffman, sequential or progressive, with 1, 3 or 4 components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Columns, 1 to 65535.
    pub width: u32,
    /// Rows, 1 to 65535.
    pub height: u32,
    /// Whether the picture comes in several scans that refine it (Annex G).
    pub progressive: bool,
    /// Colour components in the order of the frame header: 1, 3 or 4.
    pub components: Vec<Component>,
    /// What the components mean.
    pub color: ColorModel,
    /// The first Exif block: a TIFF stream, at most 64 KB. Not checked.
    pub exif: Option<Vec<u8>>,
    /// The ICC profile, put together from its segments. `None` if a part is missing or it exceeds
    /// 4 MiB. Not checked.
    pub icc_profile: Option<Vec<u8>>,
}

/// One colour component (B.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its identifier, unique in a picture that keeps to the standard.
    pub id: u8,
    /// Horizontal sampling factor, 1 to 4.
    pub horizontal: u8,
    /// Vertical sampling factor, 1 to 4.
    pub vertical: u8,
    /// The number of its quantisation table, 0 to 3.
    pub(super) quant_table: u8,
}

/// What the components of a picture are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorModel {
    /// One component.
    Gray,
    /// Luma and two colour differences (JFIF).
    YCbCr,
    /// Red, green, blue.
    Rgb,
    /// Cyan, magenta, yellow, black.
    Cmyk,
    /// CMYK of which the first three were transformed like RGB.
    Ycck,
}

impl Header {
    /// Reads markers up to and including the first SOS, whose segment comes next in `input`. Fills
    /// `tables` on the way.
    pub(super) fn read(input: &mut Input, tables: &mut Tables) -> Result<Self, JpegError> {
        if [input.byte()?, input.byte()?] != [0xFF, marker::SOI] {
            return damaged("no JPEG signature");
        }
        let mut frame = None;
        let mut metadata = Metadata::default();
        loop {
            let End::Marker(code) = input.next_marker()? else {
                return damaged("the file ends before its first scan");
            };
            match code {
                marker::SOS => break,
                marker::DHT | marker::DQT | marker::DRI => {
                    tables.define(code, &input.segment()?)?
                }
                marker::SOF0..=marker::SOF2 if frame.is_some() => {
                    return damaged("two frame headers");
                }
                marker::SOF0..=marker::SOF2 => frame = Some(Frame::parse(code, &input.segment()?)?),
                marker::JPG..=marker::SOF15 | 0xC3..=0xC7 => return unsupported_coding(code),
                marker::APP0 | marker::APP1 | marker::APP2 | marker::APP14 => {
                    metadata.add(code, &input.metadata()?);
                }
                marker::TEM | marker::RST0..=marker::RST7 => {}
                marker::SOI | marker::EOI => {
                    return damaged("the picture ends before its first scan");
                }
                _ => input.skip_metadata()?,
            }
        }
        match frame {
            Some(frame) => Self::new(frame, metadata),
            None => damaged("a scan without a frame header"),
        }
    }

    /// Whether every component has a sample for each pixel (4:4:4).
    pub fn has_full_chroma(&self) -> bool {
        let sampling = |component: &Component| (component.horizontal, component.vertical);
        let mut components = self.components.iter().map(sampling);
        let first = components.next();
        components.all(|other| Some(other) == first)
    }

    fn new(frame: Frame, metadata: Metadata) -> Result<Self, JpegError> {
        let ids: Vec<u8> = frame
            .components
            .iter()
            .map(|component| component.id)
            .collect();
        Ok(Self {
            width: frame.width,
            height: frame.height,
            progressive: frame.progressive,
            color: metadata.color_model(&ids)?,
            components: frame.components,
            exif: metadata.exif,
            icc_profile: metadata.icc.assemble(),
        })
    }
}

struct Frame {
    width: u32,
    height: u32,
    progressive: bool,
    components: Vec<Component>,
}

impl Frame {
    fn parse(code: u8, payload: &[u8]) -> Result<Self, JpegError> {
        let [precision, y1, y0, x1, x0, count, components @ ..] = payload else {
            return damaged("a malformed frame header");
        };
        if *precision != 8 {
            return unsupported("samples of other than 8 bits");
        }
        let (height, width) = (
            u16::from_be_bytes([*y1, *y0]),
            u16::from_be_bytes([*x1, *x0]),
        );
        if height == 0 {
            return unsupported("a height given after the scan");
        }
        if width == 0 || components.len() != 3 * usize::from(*count) {
            return damaged("a malformed frame header");
        }
        let components = components.as_chunks().0.iter().map(Component::parse);
        Ok(Self {
            width: u32::from(width),
            height: u32::from(height),
            progressive: code == marker::SOF2,
            components: components.collect::<Result<_, _>>()?,
        })
    }
}

impl Component {
    fn parse(&[id, sampling, quant_table]: &[u8; 3]) -> Result<Self, JpegError> {
        let (horizontal, vertical) = (sampling >> 4, sampling & 15);
        if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) || quant_table > 3 {
            return damaged("a malformed frame header");
        }
        Ok(Self {
            id,
            horizontal,
            vertical,
            quant_table,
        })
    }
}

fn unsupported_coding<T>(code: u8) -> Result<T, JpegError> {
    // Table B.1: from SOF9 on the entropy coding is arithmetic.
    unsupported(match code {
        0xC3 => "lossless coding",
        0xC5..=0xC7 => "hierarchical coding",
        0xC9..=0xCF => "arithmetic coding",
        _ => "an extension of the standard",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SOI, a frame header of the given kind and components, and a marker of a scan.
    fn file(code: u8, precision: u8, components: &[[u8; 3]]) -> Vec<u8> {
        let mut bytes = vec![
            0xFF,
            marker::SOI,
            0xFF,
            code,
            0,
            8 + 3 * components.len() as u8,
            precision,
        ];
        bytes.extend([0, 20, 1, 0, components.len() as u8]);
        bytes.extend(components.as_flattened());
        bytes.extend([0xFF, marker::SOS]);
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Header, JpegError> {
        Header::read(&mut Input::new(bytes), &mut Tables::default())
    }

    const YCBCR: [[u8; 3]; 3] = [[1, 0x22, 0], [2, 0x11, 1], [3, 0x11, 1]];

    #[test]
    fn size_and_sampling_come_from_the_frame_header() {
        let header = read(&file(marker::SOF2, 8, &YCBCR)).unwrap();
        assert_eq!(
            (header.width, header.height, header.progressive),
            (256, 20, true)
        );
        assert_eq!(
            (
                header.components[0].horizontal,
                header.components[2].vertical
            ),
            (2, 1)
        );
        assert_eq!(header.color, ColorModel::YCbCr);
    }

    #[test]
    fn other_codings_are_unsupported_and_not_damage() {
        for code in [0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD] {
            assert!(matches!(
                read(&file(code, 8, &YCBCR)),
                Err(JpegError::Unsupported(_))
            ));
        }
        let twelve_bits = file(marker::SOF0 + 1, 12, &YCBCR);
        assert!(matches!(read(&twelve_bits), Err(JpegError::Unsupported(_))));
        let two_components = file(marker::SOF0, 8, &YCBCR[..2]);
        assert!(matches!(
            read(&two_components),
            Err(JpegError::Unsupported(_))
        ));
    }

    #[test]
    fn impossible_frame_headers_are_damage() {
        for bad in [[1, 0x02, 0], [1, 0x51, 0], [1, 0x11, 4]] {
            assert!(matches!(
                read(&file(marker::SOF0, 8, &[bad])),
                Err(JpegError::Damaged(_))
            ));
        }
    }

    #[test]
    fn a_header_cut_anywhere_is_damage() {
        let whole = file(marker::SOF0, 8, &YCBCR);
        for length in 0..whole.len() {
            assert!(matches!(read(&whole[..length]), Err(JpegError::Damaged(_))));
        }
    }
}
