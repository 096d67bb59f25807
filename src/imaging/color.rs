//! Colours: from whatever space a picture is in to sRGB.

use std::io::{BufRead, Read, Seek};

use flate2::bufread::ZlibDecoder;
use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    MatrixCoefficients, ProfileClass, ToneReprCurve, TransferCharacteristics, TransformOptions,
    XyY, curve_from_gamma,
};

use super::ImageError;
use super::png_header::PngColor;
use super::probe::{Header, Probe};
use super::raster::{Layout, Raster};
use super::source::{Source, Span};

/// Bytes that a PNG's compressed profile may inflate to. Larger ones are ignored; a display's profile has 1 to 60 KB.
pub(super) const MAX_INFLATED_PROFILE_BYTES: u64 = 512 * 1024;

/// The profile that says what a picture's samples mean; `None` for sRGB, and for a profile that is broken or of no use.
///
/// # Errors
/// Only those of the source.
pub(super) fn profile(
    source: &mut (impl BufRead + Seek),
    probe: &Probe,
) -> Result<Option<Box<ColorProfile>>, ImageError> {
    let mut source = Source::new(source)?;
    let profile = match &probe.header {
        Header::Jpeg(header) if header.profile.is_empty() => None,
        Header::Jpeg(header) => {
            let mut bytes = Vec::new();
            for &part in &header.profile {
                bytes.extend(source.span(part)?);
            }
            ColorProfile::new_from_slice(&bytes).ok()
        }
        Header::Png(header) => match header.color {
            PngColor::Srgb => None,
            PngColor::Cicp {
                primaries,
                transfer,
            } => from_code_points(primaries, transfer),
            PngColor::Profile(chunk) => from_chunk(&mut source, chunk)?,
            PngColor::Gamma {
                gamma,
                chromaticities,
            } => Some(from_gamma(gamma, chromaticities)),
        },
    };
    Ok(profile.filter(is_of_use).map(Box::new))
}

/// Device links and the like describe no picture.
fn is_of_use(profile: &ColorProfile) -> bool {
    matches!(
        profile.profile_class,
        ProfileClass::InputDevice
            | ProfileClass::DisplayDevice
            | ProfileClass::OutputDevice
            | ProfileClass::ColorSpace
    )
}

/// iCCP (PNG specification, 11.3.2.3): a name, a zero, the method 0, a zlib stream.
fn from_chunk(
    source: &mut Source<'_, impl BufRead + Seek>,
    chunk: Span,
) -> Result<Option<ColorProfile>, ImageError> {
    let data = source.span(chunk)?;
    let Some(name_length) = data.iter().take(80).position(|&byte| byte == 0) else {
        return Ok(None);
    };
    let Some([0, compressed @ ..]) = data.get(name_length + 1..) else {
        return Ok(None);
    };
    let mut profile = Vec::new();
    let inflated = ZlibDecoder::new(compressed)
        .take(MAX_INFLATED_PROFILE_BYTES + 1)
        .read_to_end(&mut profile);
    Ok(match inflated {
        Ok(length) if length as u64 <= MAX_INFLATED_PROFILE_BYTES => {
            ColorProfile::new_from_slice(&profile).ok()
        }
        _ => None,
    })
}

/// cICP (PNG specification, 11.3.2.6).
fn from_code_points(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    let profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(transfer).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    profile.is_matrix_shaper().then_some(profile)
}

/// gAMA and cHRM (PNG specification, 11.3.2.1 and 11.3.2.2), in units of 1/100000; what is not told is sRGB's.
fn from_gamma(gamma: Option<u32>, chromaticities: Option<[u32; 8]>) -> ColorProfile {
    let mut profile = ColorProfile::new_srgb();
    if let Some(
        [
            white_x,
            white_y,
            red_x,
            red_y,
            green_x,
            green_y,
            blue_x,
            blue_y,
        ],
    ) = chromaticities
    {
        let chromaticity = |x: u32, y: u32| Chromaticity {
            x: (f64::from(x) / 1e5) as f32,
            y: (f64::from(y) / 1e5) as f32,
        };
        if white_y != 0 && red_y != 0 && green_y != 0 && blue_y != 0 {
            profile.update_rgb_colorimetry(
                XyY {
                    x: f64::from(white_x) / 1e5,
                    y: f64::from(white_y) / 1e5,
                    yb: 1.0,
                },
                ColorPrimaries {
                    red: chromaticity(red_x, red_y),
                    green: chromaticity(green_x, green_y),
                    blue: chromaticity(blue_x, blue_y),
                },
            );
        }
    }
    // 1/2.2 is how sRGB is written as a gamma (11.3.2.5).
    if let Some(gamma) = gamma.filter(|gamma| !(45_000..=46_000).contains(gamma)) {
        let curve: ToneReprCurve = curve_from_gamma((1e5 / f64::from(gamma)) as f32);
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
        profile.cicp = None;
    }
    profile
}

/// The same colours in sRGB. Gray stays gray, CMYK becomes RGB, alpha is kept.
///
/// A profile of another kind than the picture, or one that gives no transform, is ignored.
pub(super) fn to_srgb(raster: Raster, profile: Option<&ColorProfile>) -> Raster {
    let converted = profile.and_then(|profile| convert(&raster, profile));
    match converted {
        Some(converted) => converted,
        None if raster.layout == Layout::Cmyk => plain_cmyk(&raster),
        None => raster,
    }
}

fn convert(raster: &Raster, profile: &ColorProfile) -> Option<Raster> {
    use moxcms::Layout as Samples;
    let (from, to) = match (raster.layout, profile.color_space) {
        (Layout::Gray, DataColorSpace::Gray) => (Samples::Gray, Samples::Rgb),
        (Layout::GrayAlpha, DataColorSpace::Gray) => (Samples::GrayAlpha, Samples::Rgba),
        (Layout::Rgb, DataColorSpace::Rgb) => (Samples::Rgb, Samples::Rgb),
        (Layout::Rgba, DataColorSpace::Rgb) => (Samples::Rgba, Samples::Rgba),
        (Layout::Cmyk, DataColorSpace::Cmyk) => (Samples::Rgba, Samples::Rgb),
        (Layout::Gray | Layout::GrayAlpha, DataColorSpace::Rgb) => {
            return convert_gray_as_rgb(raster, profile);
        }
        _ => return None,
    };
    let transform = profile
        .create_transform_8bit(
            from,
            &ColorProfile::new_srgb(),
            to,
            TransformOptions::default(),
        )
        .ok()?;
    let mut samples = vec![0; raster.samples.len() / from.channels() * to.channels()];
    transform.transform(&raster.samples, &mut samples).ok()?;
    let converted = Raster {
        size: raster.size,
        layout: if to == Samples::Rgba {
            Layout::Rgba
        } else {
            Layout::Rgb
        },
        samples,
    };
    Some(if profile.color_space == DataColorSpace::Gray {
        to_gray(&converted)
    } else {
        converted
    })
}

/// Gray samples with an RGB profile are equal amounts of its three primaries.
fn convert_gray_as_rgb(raster: &Raster, profile: &ColorProfile) -> Option<Raster> {
    let (layout, samples) = if raster.layout == Layout::Gray {
        (
            Layout::Rgb,
            raster.samples.iter().flat_map(|&gray| [gray; 3]).collect(),
        )
    } else {
        let (pixels, _) = raster.samples.as_chunks();
        (
            Layout::Rgba,
            pixels
                .iter()
                .flat_map(|&[gray, alpha]| [gray, gray, gray, alpha])
                .collect(),
        )
    };
    convert(
        &Raster {
            size: raster.size,
            layout,
            samples,
        },
        profile,
    )
    .map(|converted| to_gray(&converted))
}

/// One of three equal channels, and alpha.
fn to_gray(raster: &Raster) -> Raster {
    let (layout, samples) = if raster.layout == Layout::Rgba {
        let (pixels, _) = raster.samples.as_chunks();
        (
            Layout::GrayAlpha,
            pixels
                .iter()
                .flat_map(|&[_, green, _, alpha]| [green, alpha])
                .collect(),
        )
    } else {
        let (pixels, _) = raster.samples.as_chunks();
        (
            Layout::Gray,
            pixels.iter().map(|&[_, green, _]| green).collect(),
        )
    };
    Raster {
        size: raster.size,
        layout,
        samples,
    }
}

/// CMYK without a profile, as browsers show it: each ink takes its share of white.
fn plain_cmyk(raster: &Raster) -> Raster {
    let (pixels, _) = raster.samples.as_chunks();
    let samples = pixels
        .iter()
        .flat_map(|&[cyan, magenta, yellow, black]| {
            [cyan, magenta, yellow].map(|ink| {
                let product = u32::from(255 - ink) * u32::from(255 - black);
                u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
            })
        })
        .collect();
    Raster {
        size: raster.size,
        layout: Layout::Rgb,
        samples,
    }
}
