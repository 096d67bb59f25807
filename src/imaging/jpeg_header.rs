//! What a JPEG says about itself before its coded data (ITU-T T.81, annex B), read without keeping any of it.

use std::io::{BufRead, Seek};

use super::ImageError;
use super::orientation::Orientation;
use super::source::{Source, Span};
use crate::domain::image::Dimensions;

/// Scans of a progressive JPEG. Each visits the whole picture, so a small file can cost minutes. The default
/// scripts of encoders have 6 to 18; optimisers that try more end below 30.
const MAX_SCANS: u32 = 100;

/// Segments in all. A large colour profile or a phone's depth map takes a few hundred.
const MAX_SEGMENTS: u32 = 4096;

/// Bytes of a colour profile. The largest printing profiles in use have under 3 MB.
const MAX_PROFILE_BYTES: u32 = 4 << 20;

/// What the components mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JpegColor {
    Gray,
    YCbCr,
    Rgb,
    /// `inverted`: 255 stands for no ink, as Adobe's programs write it.
    Cmyk {
        inverted: bool,
    },
    /// CMYK whose first three components are coded as YCbCr.
    Ycck {
        inverted: bool,
    },
}

/// A component of the frame (T.81, B.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    id: u8,
    /// Horizontal and vertical sampling factor, 1 to 4.
    pub(super) sampling: (u8, u8),
}

/// A JPEG's header.
#[derive(Debug, Clone)]
pub(super) struct JpegHeader {
    /// As stored, before orientation.
    pub(super) size: Dimensions,
    pub(super) components: Vec<Component>,
    pub(super) color: JpegColor,
    /// The coefficients of the whole picture are kept until the last scan.
    pub(super) many_scans: bool,
    pub(super) orientation: Orientation,
    /// The parts of the embedded ICC profile, in order; empty without one.
    pub(super) profile: Vec<Span>,
}

impl JpegHeader {
    /// Reads everything up to the coded data, and, of a picture with many scans, counts these to the end.
    pub(super) fn read(source: &mut Source<'_, impl BufRead + Seek>) -> Result<Self, ImageError> {
        let mut frame: Option<(Dimensions, Vec<Component>, bool)> = None;
        let mut metadata = Metadata::default();
        source.skip(2)?; // SOI
        let scan_components = loop {
            let marker = next_marker(source)?;
            let length = match marker {
                // TEM and RSTn stand alone.
                0x01 | 0xD0..=0xD7 => continue,
                0xD8 => return Err(ImageError::damaged("a second start of image")),
                0xD9 => return Err(ImageError::damaged("ends before its first scan")),
                _ => segment_length(source)?,
            };
            metadata.count_segment()?;
            match marker {
                0xC0..=0xC2 => {
                    if frame.is_some() {
                        return Err(ImageError::damaged("a second frame"));
                    }
                    let (size, components) = read_frame(source, length)?;
                    frame = Some((size, components, marker == 0xC2));
                }
                0xC3 | 0xC5..=0xC7 => {
                    return Err(ImageError::Unsupported("lossless or hierarchical JPEG"));
                }
                0xC8..=0xCB | 0xCD..=0xCF => {
                    return Err(ImageError::Unsupported("arithmetic coding"));
                }
                0xDA => break usize::from(source.u8()?),
                0xE0 => metadata.read_jfif(source, length)?,
                0xE1 => metadata.read_exif(source, length)?,
                0xE2 => metadata.read_profile_part(source, length)?,
                0xEE => metadata.read_adobe(source, length)?,
                _ => source.skip(length)?,
            }
        };
        let (size, components, progressive) =
            frame.ok_or(ImageError::damaged("a scan without a frame"))?;
        let many_scans = progressive || scan_components < components.len();
        if many_scans {
            count_scans(source)?;
        }
        Ok(Self {
            size,
            color: metadata.color(&components)?,
            components,
            many_scans,
            orientation: metadata.orientation.unwrap_or_default(),
            profile: metadata.profile(),
        })
    }
}

/// Passes over fill bytes and, as every browser does, over junk before a marker.
fn next_marker(source: &mut Source<'_, impl BufRead + Seek>) -> Result<u8, ImageError> {
    loop {
        if !source.skip_past(0xFF)? {
            return Err(ImageError::damaged("ends in its header"));
        }
        let mut code = source.u8()?;
        while code == 0xFF {
            code = source.u8()?;
        }
        if code != 0 {
            return Ok(code);
        }
    }
}

/// The length of what follows the length itself.
fn segment_length(source: &mut Source<'_, impl BufRead + Seek>) -> Result<u32, ImageError> {
    let length = u32::from(source.u16()?);
    length
        .checked_sub(2)
        .ok_or(ImageError::damaged("a segment shorter than its length"))
}

/// The frame header (T.81, B.2.2).
fn read_frame(
    source: &mut Source<'_, impl BufRead + Seek>,
    length: u32,
) -> Result<(Dimensions, Vec<Component>), ImageError> {
    if source.u8()? != 8 {
        return Err(ImageError::Unsupported("samples of other than 8 bits"));
    }
    let (height, width) = (u32::from(source.u16()?), u32::from(source.u16()?));
    if width == 0 || height == 0 {
        return Err(ImageError::damaged("a side of 0"));
    }
    let count = source.u8()?;
    if !matches!(count, 1 | 3 | 4) {
        return Err(ImageError::Unsupported("neither 1, 3 nor 4 components"));
    }
    if length != 6 + 3 * u32::from(count) {
        return Err(ImageError::damaged("a frame header of the wrong length"));
    }
    let mut components = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let [id, factors, _quantisation] = source.array()?;
        let sampling = (factors >> 4, factors & 15);
        if !(1..=4).contains(&sampling.0) || !(1..=4).contains(&sampling.1) {
            return Err(ImageError::damaged("a sampling factor out of range"));
        }
        if components.iter().any(|other: &Component| other.id == id) {
            return Err(ImageError::damaged("two components of one name"));
        }
        components.push(Component { id, sampling });
    }
    Ok((Dimensions { width, height }, components))
}

/// Counts the scans to the end of the picture, from behind the first scan's start.
fn count_scans(source: &mut Source<'_, impl BufRead + Seek>) -> Result<(), ImageError> {
    let mut scans = 1;
    while source.skip_past(0xFF)? {
        if source.at_end()? {
            break;
        }
        match source.u8()? {
            0xD9 => break,
            0xDA => scans += 1,
            _ => {}
        }
        if scans > MAX_SCANS {
            return Err(ImageError::TooComplex("scans"));
        }
    }
    Ok(())
}

/// What the application segments say.
#[derive(Default)]
struct Metadata {
    segments: u32,
    jfif: bool,
    adobe_transform: Option<u8>,
    orientation: Option<Orientation>,
    profile_parts: Vec<(u8, u8, Span)>,
}

impl Metadata {
    fn count_segment(&mut self) -> Result<(), ImageError> {
        self.segments += 1;
        if self.segments > MAX_SEGMENTS {
            Err(ImageError::TooComplex("segments"))
        } else {
            Ok(())
        }
    }

    fn read_jfif(
        &mut self,
        source: &mut Source<'_, impl BufRead + Seek>,
        length: u32,
    ) -> Result<(), ImageError> {
        let (is_jfif, rest) = read_identifier(source, length, b"JFIF\0")?;
        self.jfif |= is_jfif;
        source.skip(rest)
    }

    /// Exif 3.0, 4.7.2; the first Exif segment counts.
    fn read_exif(
        &mut self,
        source: &mut Source<'_, impl BufRead + Seek>,
        length: u32,
    ) -> Result<(), ImageError> {
        let (is_exif, rest) = read_identifier(source, length, b"Exif\0\0")?;
        if is_exif && self.orientation.is_none() {
            // At most 64 KB: it is one segment.
            let tiff = source.bytes(usize::try_from(rest).unwrap_or(0))?;
            self.orientation = Some(Orientation::from_exif(&tiff));
            return Ok(());
        }
        source.skip(rest)
    }

    /// A part of an ICC profile (ICC.1:2022, B.4): its number from 1 and how many there are.
    fn read_profile_part(
        &mut self,
        source: &mut Source<'_, impl BufRead + Seek>,
        length: u32,
    ) -> Result<(), ImageError> {
        let (is_profile, rest) = read_identifier(source, length, b"ICC_PROFILE\0")?;
        match rest.checked_sub(2) {
            Some(length) if is_profile => {
                let [number, count] = source.array()?;
                let offset = source.position()?;
                self.profile_parts
                    .push((number, count, Span { offset, length }));
                source.skip(length)
            }
            _ => source.skip(rest),
        }
    }

    /// Adobe's segment (Adobe technical note 5116, section 18).
    fn read_adobe(
        &mut self,
        source: &mut Source<'_, impl BufRead + Seek>,
        length: u32,
    ) -> Result<(), ImageError> {
        let (is_adobe, rest) = read_identifier(source, length, b"Adobe")?;
        match rest.checked_sub(7) {
            Some(rest) if is_adobe => {
                let [_, _, _, _, _, _, transform] = source.array()?;
                self.adobe_transform = Some(transform);
                source.skip(rest)
            }
            _ => source.skip(rest),
        }
    }

    /// What the components mean: the rules of the libjpeg family, which browsers share.
    fn color(&self, components: &[Component]) -> Result<JpegColor, ImageError> {
        let ids: Vec<u8> = components.iter().map(|component| component.id).collect();
        match (ids.as_slice(), self.adobe_transform) {
            ([_], _) => Ok(JpegColor::Gray),
            ([_, _, _], _) if self.jfif => Ok(JpegColor::YCbCr),
            ([_, _, _], Some(0)) | (b"RGB", None) => Ok(JpegColor::Rgb),
            ([_, _, _], _) => Ok(JpegColor::YCbCr),
            ([_, _, _, _], Some(0)) => Ok(JpegColor::Cmyk { inverted: true }),
            ([_, _, _, _], Some(_)) => Ok(JpegColor::Ycck { inverted: true }),
            ([_, _, _, _], None) => Ok(JpegColor::Cmyk { inverted: false }),
            _ => Err(ImageError::Unsupported("neither 1, 3 nor 4 components")),
        }
    }

    /// The profile's parts in order; nothing where one is missing, twice there, or all are too large.
    fn profile(mut self) -> Vec<Span> {
        self.profile_parts.sort_by_key(|&(number, _, _)| number);
        let count = self.profile_parts.len();
        let complete = (1..)
            .zip(&self.profile_parts)
            .all(|(expected, &(number, of, _))| number == expected && usize::from(of) == count);
        let bytes: u32 = self
            .profile_parts
            .iter()
            .map(|(_, _, span)| span.length)
            .sum();
        if complete && bytes <= MAX_PROFILE_BYTES {
            self.profile_parts
                .into_iter()
                .map(|(_, _, span)| span)
                .collect()
        } else {
            Vec::new()
        }
    }
}

/// Reads a segment's identifier: whether it is this one, and how many bytes are left.
fn read_identifier<const N: usize>(
    source: &mut Source<'_, impl BufRead + Seek>,
    length: u32,
    identifier: &[u8; N],
) -> Result<(bool, u32), ImageError> {
    match length.checked_sub(N as u32) {
        Some(rest) => Ok((source.array::<N>()? == *identifier, rest)),
        None => Ok((false, length)),
    }
}
