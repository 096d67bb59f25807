//! The profile that says what a picture's samples mean: embedded, or told by numbers.

use std::io::{BufRead, Read, Seek};

use flate2::bufread::ZlibDecoder;
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, MatrixCoefficients,
    ProfileClass, ToneReprCurve, TransferCharacteristics, XyY, Xyzd, curve_from_gamma,
};

use super::ImageError;
use super::hdr::{HdrSpace, Transfer};
use super::png_color::PngColor;
use super::source::Source;

/// Bytes that a PNG's compressed profile may unpack to; larger ones are ignored, as a JPEG's are. A display's has 1 to 60 KB,
/// a printer's 2 or 3 MB.
pub(super) const MAX_UNPACKED_BYTES: u32 = 4 << 20;

/// What a picture's samples mean, where that is not sRGB.
pub(super) enum Meaning {
    Profile(Box<ColorProfile>),
    Hdr(HdrSpace),
}

/// An ICC profile; `None` where it is broken or describes no picture, as device links do not. One that names a transfer of
/// high dynamic range by its code point means that: its own curves end at white.
pub(super) fn from_icc(icc: &[u8]) -> Option<Meaning> {
    let profile = ColorProfile::new_from_slice(icc).ok()?;
    if let Some(cicp) = &profile.cicp
        && profile.color_space == DataColorSpace::Rgb
        && let Some(transfer) = hdr_transfer(cicp.transfer_characteristics as u8)
    {
        return Some(Meaning::Hdr(HdrSpace {
            primaries: cicp.color_primaries,
            transfer,
            peak: None,
        }));
    }
    matches!(
        profile.profile_class,
        ProfileClass::InputDevice
            | ProfileClass::DisplayDevice
            | ProfileClass::OutputDevice
            | ProfileClass::ColorSpace
    )
    .then(|| Meaning::Profile(Box::new(profile)))
}

/// What a PNG's chunks say; `None` for sRGB, and where they say nothing of use.
///
/// # Errors
/// Only those of the source.
pub(super) fn from_png(
    source: &mut (impl BufRead + Seek),
    by_rank: &[PngColor],
) -> Result<Option<Meaning>, ImageError> {
    for &color in by_rank {
        let meaning = match color {
            PngColor::Srgb => return Ok(None),
            PngColor::Cicp {
                primaries,
                transfer,
                peak,
            } => from_code_points(primaries, transfer, peak),
            PngColor::Profile { chunk, .. } => from_chunk(&Source::new(source)?.span(chunk)?),
            PngColor::Gamma {
                gamma,
                chromaticities,
            } => from_gamma(gamma, chromaticities),
        };
        if meaning.is_some() {
            return Ok(meaning);
        }
    }
    Ok(None)
}

/// The profile in an iCCP chunk (PNG specification, 11.3.2.3).
fn from_chunk(data: &[u8]) -> Option<Meaning> {
    let mut icc = Vec::new();
    unpack(data)?.read_to_end(&mut icc).ok()?;
    from_icc(&icc)
}

/// The length of the profile in an iCCP chunk; `None` where it cannot be unpacked or is too large.
pub(super) fn unpacked_length(data: &[u8]) -> Option<u32> {
    let length = std::io::copy(&mut unpack(data)?, &mut std::io::sink()).ok()?;
    u32::try_from(length)
        .ok()
        .filter(|&length| length <= MAX_UNPACKED_BYTES)
}

/// A name, a zero, the method 0, a zlib stream, which is read to a little beyond the limit.
fn unpack(data: &[u8]) -> Option<impl Read> {
    let name_length = data.iter().take(80).position(|&byte| byte == 0)?;
    match data.get(name_length + 1..) {
        Some([0, compressed @ ..]) => {
            Some(ZlibDecoder::new(compressed).take(u64::from(MAX_UNPACKED_BYTES) + 1))
        }
        _ => None,
    }
}

/// cICP (PNG specification, 11.3.2.6; ITU-T H.273, tables 2 and 3), as browsers take it.
fn from_code_points(primaries: u8, transfer: u8, peak: Option<u32>) -> Option<Meaning> {
    let primaries = CicpColorPrimaries::try_from(primaries).ok()?;
    let mut profile = with_primaries(primaries)?;
    if let Some(transfer) = hdr_transfer(transfer) {
        return Some(Meaning::Hdr(HdrSpace {
            primaries,
            transfer,
            peak: peak.map(|peak| f64::from(peak) / 1e4),
        }));
    }
    let curve = match transfer {
        // Video is made for displays with this curve (ITU-R BT.1886), whatever the camera's was.
        1 | 6 | 11 | 14 | 15 => curve_from_gamma(2.4),
        4 => curve_from_gamma(2.2),
        5 => curve_from_gamma(2.8),
        // SMPTE 240M, from light to signal and back (section 1.5).
        7 => ToneReprCurve::Parametric(vec![
            1.0 / 0.45,
            1.0 / 1.1115,
            0.1115 / 1.1115,
            0.25,
            0.0913,
        ]),
        8 => curve_from_gamma(1.0),
        13 => return Some(Meaning::Profile(Box::new(profile))),
        // SMPTE ST 428-1: white is less than the peak.
        17 => ToneReprCurve::Parametric(vec![2.6, (52.37_f32 / 48.0).powf(1.0 / 2.6), 0.0]),
        _ => return None,
    };
    set_curve(&mut profile, curve);
    Some(Meaning::Profile(Box::new(profile)))
}

fn hdr_transfer(code_point: u8) -> Option<Transfer> {
    match code_point {
        16 => Some(Transfer::Pq),
        18 => Some(Transfer::Hlg),
        _ => None,
    }
}

/// sRGB's curve over these primaries, if they are any.
pub(super) fn with_primaries(primaries: CicpColorPrimaries) -> Option<ColorProfile> {
    let profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: primaries,
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    profile.is_matrix_shaper().then_some(profile)
}

/// gAMA and cHRM (PNG specification, 11.3.2.1 and 11.3.2.2), in units of 1/100000, as browsers take them: without cHRM the
/// primaries are sRGB's, and a gamma near 1/2.2 stands for sRGB's curve; chromaticities that cannot be make both worthless.
fn from_gamma(gamma: u32, chromaticities: Option<[i32; 8]>) -> Option<Meaning> {
    let gamma = f64::from(gamma) / 1e5;
    let mut profile = ColorProfile::new_srgb();
    match chromaticities {
        Some(numbers) => set_chromaticities(&mut profile, numbers)?,
        None if (gamma * 2.2 - 1.0).abs() < 0.05 => return None,
        None => {}
    }
    set_curve(&mut profile, curve_from_gamma(gamma.recip() as f32));
    Some(Meaning::Profile(Box::new(profile)))
}

/// Sets all three channels' curve.
fn set_curve(profile: &mut ColorProfile, curve: ToneReprCurve) {
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    profile.cicp = None;
}

/// Sets white and primaries: `None` where one lies outside of the diagram, or the primaries on a line.
fn set_chromaticities(profile: &mut ColorProfile, numbers: [i32; 8]) -> Option<()> {
    if numbers.iter().any(|number| !(0..=100_000).contains(number)) {
        return None;
    }
    let (pairs, _) = numbers.as_chunks::<2>();
    let &[white, red, green, blue] = pairs.as_array()?;
    let [white, red, green, blue] =
        [white, red, green, blue].map(|pair| pair.map(|number| f64::from(number) / 1e5));
    let area = (green[0] - red[0]) * (blue[1] - red[1]) - (green[1] - red[1]) * (blue[0] - red[0]);
    if white[1] == 0.0 || area == 0.0 {
        return None;
    }
    let white = XyY {
        x: white[0],
        y: white[1],
        yb: 1.0,
    };
    let [red, green, blue] = [red, green, blue].map(|[x, y]| Xyzd {
        x,
        y,
        z: 1.0 - x - y,
    });
    profile.update_rgb_colorimetry_triplet(white, red, green, blue);
    Some(())
}
