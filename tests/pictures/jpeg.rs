//! JPEGs with every option that the encoder has, and surgery on their segments.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::photo::photo;
use super::{Exif, PLACE, PRIVATE};

/// A JPEG to be made. Starts as a photo as a camera writes it: quality 87, 4:2:0, standard tables, JFIF.
#[derive(Debug, Clone)]
pub struct Jpeg {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    color: ColorType,
    quality: u8,
    sampling: SamplingFactor,
    progressive: bool,
    restart_interval: u16,
    segments: Vec<(u8, Vec<u8>)>,
    profile: Vec<u8>,
    jfif: bool,
}

impl Jpeg {
    /// A photo-like picture in colour.
    pub fn photo(width: u32, height: u32) -> Self {
        Self::of_pixels(width, height, photo(width, height), ColorType::Rgb)
    }

    /// A photo-like picture in gray.
    pub fn gray(width: u32, height: u32) -> Self {
        let pixels = photo(width, height)
            .chunks(3)
            .map(|pixel| pixel[1])
            .collect();
        Self::of_pixels(width, height, pixels, ColorType::Luma)
    }

    /// A photo-like picture in four inks, inverted as Adobe's programs write them; as YCCK or as CMYK.
    pub fn cmyk(width: u32, height: u32, ycck: bool) -> Self {
        let inks = |rgb: &[u8]| {
            let black = 255 - rgb.iter().max().unwrap();
            [
                255 - rgb[0] - black,
                255 - rgb[1] - black,
                255 - rgb[2] - black,
                black,
            ]
        };
        let pixels = photo(width, height).chunks(3).flat_map(inks).collect();
        let color = if ycck {
            ColorType::CmykAsYcck
        } else {
            ColorType::Cmyk
        };
        Self::of_pixels(width, height, pixels, color)
    }

    /// RGB that is coded as it is: Adobe's transform 0, without JFIF.
    pub fn untransformed_rgb(width: u32, height: u32) -> Self {
        let mut jpeg =
            Self::of_pixels(width, height, photo(width, height), ColorType::Ycbcr).bare();
        jpeg.sampling = SamplingFactor::F_1_1;
        jpeg.segments.push((14, b"Adobe\0\x64\0\0\0\0\0".to_vec()));
        jpeg
    }

    /// These pixels, in the encoder's order.
    pub fn of_pixels(width: u32, height: u32, pixels: Vec<u8>, color: ColorType) -> Self {
        Self {
            width,
            height,
            pixels,
            color,
            quality: 87,
            sampling: SamplingFactor::F_2_2,
            progressive: false,
            restart_interval: 0,
            segments: Vec::new(),
            profile: Vec::new(),
            jfif: true,
        }
    }

    pub fn quality(self, quality: u8) -> Self {
        Self { quality, ..self }
    }

    pub fn sampling(self, sampling: SamplingFactor) -> Self {
        Self { sampling, ..self }
    }

    pub fn progressive(self) -> Self {
        Self {
            progressive: true,
            ..self
        }
    }

    pub fn restart_interval(self, restart_interval: u16) -> Self {
        Self {
            restart_interval,
            ..self
        }
    }

    /// Without JFIF's segment.
    pub fn bare(self) -> Self {
        Self {
            jfif: false,
            ..self
        }
    }

    pub fn exif(mut self, exif: Exif) -> Self {
        self.segments
            .push((1, [b"Exif\0\0", exif.tiff().as_slice()].concat()));
        self
    }

    /// An upright photo as a camera that is held turned stores it.
    pub fn orientation(self, orientation: u32) -> Self {
        self.exif(Exif::orientation(orientation))
    }

    pub fn profile(self, profile: &[u8]) -> Self {
        Self {
            profile: profile.to_vec(),
            ..self
        }
    }

    /// XMP, IPTC and a comment, all of which hold [`PRIVATE`].
    pub fn metadata(mut self) -> Self {
        self.segments
            .push((1, [b"http://ns.adobe.com/xap/1.0/\0", PRIVATE].concat()));
        self.segments.push((
            13,
            [b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x19", PRIVATE].concat(),
        ));
        self
    }

    /// An XMP packet that tells the place; one that goes on in a second segment, within a property's name; IPTC; a comment.
    pub fn place_in_text(mut self) -> Self {
        let extension = |part: &[u8]| {
            let head = b"http://ns.adobe.com/xmp/extension/\0";
            [head, &[b'A'; 32][..], &[0; 8], part].concat()
        };
        let city = [&b"\x1C\x02\x5A\0"[..], &[PLACE.len() as u8], PLACE].concat();
        let resource = [b"8BIM\x04\x04\0\0\0\0\0", &[city.len() as u8][..], &city].concat();
        self.segments.extend([
            (1, [b"http://ns.adobe.com/xap/1.0/\0", &xmp()[..]].concat()),
            (1, extension(b"<rdf:Description exif:GPSLati")),
            (1, extension(&[b"tude='", PLACE, b"'/>"].concat())),
            (13, [b"Photoshop 3.0\0", &resource[..]].concat()),
            (
                11,
                [b"JP\0\0{\"exif:GPSLatitude\": \"", PLACE, b"\"}"].concat(),
            ),
        ]);
        self
    }

    /// The file.
    pub fn encode(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.quality);
        encoder.set_sampling_factor(self.sampling);
        encoder.set_progressive(self.progressive);
        if self.restart_interval > 0 {
            encoder.set_restart_interval(self.restart_interval);
        }
        for (number, data) in self.segments {
            encoder.add_app_segment(number, data).unwrap();
        }
        if !self.profile.is_empty() {
            encoder.add_icc_profile(&self.profile).unwrap();
        }
        encoder
            .encode(
                &self.pixels,
                self.width as u16,
                self.height as u16,
                self.color,
            )
            .unwrap();
        if self.jfif {
            bytes
        } else {
            cut_segments(&bytes, 0xE0)
        }
    }
}

/// An XMP packet that tells the place.
pub fn xmp() -> Vec<u8> {
    [
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description xmp:Rating='5' exif:GPSLatitude='",
        PLACE,
        b"'/></x:xmpmeta>",
    ]
    .concat()
}

/// Puts a segment right behind the start of the image.
pub fn insert_segment(jpeg: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, data, &jpeg[2..]].concat()
}

/// Takes all segments of this kind out of the header.
pub fn cut_segments(jpeg: &[u8], marker: u8) -> Vec<u8> {
    let mut kept = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xDA {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != marker {
            kept.extend(&jpeg[at..end]);
        }
        at = end;
    }
    kept.extend(&jpeg[at..]);
    kept
}
