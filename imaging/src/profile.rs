//! The profile that says what a picture's samples mean: embedded, or told by numbers.

use std::io::{BufRead, Read, Seek};

use flate2::bufread::ZlibDecoder;
use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile,
    MatrixCoefficients, ProfileClass, ToneReprCurve, TransferCharacteristics, XyY,
    curve_from_gamma,
};

use super::ImageError;
use super::png_header::PngColor;
use super::source::Source;

/// Bytes that a PNG's compressed profile may inflate to; larger ones are ignored. A display's has 1 to 60 KB.
const MAX_INFLATED_PROFILE_BYTES: u64 = 512 * 1024;

/// An ICC profile; `None` where it is broken or describes no picture, as device links do not.
pub(super) fn from_icc(icc: &[u8]) -> Option<ColorProfile> {
    let profile = ColorProfile::new_from_slice(icc).ok()?;
    matches!(
        profile.profile_class,
        ProfileClass::InputDevice
            | ProfileClass::DisplayDevice
            | ProfileClass::OutputDevice
            | ProfileClass::ColorSpace
    )
    .then_some(profile)
}

/// What a PNG's chunks say; `None` for sRGB, and where they say nothing of use.
///
/// # Errors
/// Only those of the source.
pub(super) fn from_png(
    source: &mut (impl BufRead + Seek),
    color: PngColor,
) -> Result<Option<ColorProfile>, ImageError> {
    Ok(match color {
        PngColor::Srgb => None,
        PngColor::Cicp {
            primaries,
            transfer,
        } => from_code_points(primaries, transfer),
        PngColor::Profile(chunk) => from_chunk(&Source::new(source)?.span(chunk)?),
        PngColor::Gamma {
            gamma,
            chromaticities,
        } => Some(from_gamma(gamma, chromaticities)),
    })
}

/// iCCP (PNG specification, 11.3.2.3): a name, a zero, the method 0, a zlib stream.
fn from_chunk(data: &[u8]) -> Option<ColorProfile> {
    let name_length = data.iter().take(80).position(|&byte| byte == 0)?;
    let Some([0, compressed @ ..]) = data.get(name_length + 1..) else {
        return None;
    };
    let mut icc = Vec::new();
    let inflated = ZlibDecoder::new(compressed)
        .take(MAX_INFLATED_PROFILE_BYTES + 1)
        .read_to_end(&mut icc)
        .ok()?;
    if inflated as u64 > MAX_INFLATED_PROFILE_BYTES {
        None
    } else {
        from_icc(&icc)
    }
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
    let unit = |value: u32| f64::from(value) / 1e5;
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
        && ![white_y, red_y, green_y, blue_y].contains(&0)
    {
        let chromaticity = |x: u32, y: u32| Chromaticity {
            x: unit(x) as f32,
            y: unit(y) as f32,
        };
        profile.update_rgb_colorimetry(
            XyY {
                x: unit(white_x),
                y: unit(white_y),
                yb: 1.0,
            },
            ColorPrimaries {
                red: chromaticity(red_x, red_y),
                green: chromaticity(green_x, green_y),
                blue: chromaticity(blue_x, blue_y),
            },
        );
    }
    // 1/2.2 is how sRGB is written as a gamma (11.3.2.5).
    if let Some(gamma) = gamma.filter(|gamma| !(45_000..=46_000).contains(gamma)) {
        let curve: ToneReprCurve = curve_from_gamma(unit(gamma).recip() as f32);
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
        profile.cicp = None;
    }
    profile
}
