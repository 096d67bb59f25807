//! Colours: from whatever space a picture is in to sRGB.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Transform8BitExecutor, TransformOptions};

use super::hdr::{HdrSpace, ToneMapper};
use super::profile::Meaning;
use super::raster::{Layout, Raster};

/// Takes a picture's samples to sRGB.
pub(super) struct ToSrgb {
    transform: Transform,
    /// What the transform takes and gives.
    from: moxcms::Layout,
    to: moxcms::Layout,
}

enum Transform {
    Profile(Arc<Transform8BitExecutor>),
    ToneMapper(Box<ToneMapper>),
}

impl ToSrgb {
    /// The way from what samples mean; `None` where those of this layout need none: a profile that is sRGB's in effect,
    /// is one for another kind of picture, or gives no transform.
    pub(super) fn new(meaning: &Meaning, layout: Layout) -> Option<Self> {
        match meaning {
            Meaning::Profile(profile) => Self::of_profile(profile, layout),
            Meaning::Hdr(space) => Self::of_hdr(space, layout),
        }
    }

    fn of_hdr(space: &HdrSpace, layout: Layout) -> Option<Self> {
        let samples = match layout {
            Layout::Gray | Layout::Rgb | Layout::YCbCr => moxcms::Layout::Rgb,
            Layout::GrayAlpha | Layout::Rgba => moxcms::Layout::Rgba,
            Layout::Cmyk => return None,
        };
        Some(Self {
            transform: Transform::ToneMapper(Box::new(ToneMapper::new(space)?)),
            from: samples,
            to: samples,
        })
    }

    fn of_profile(profile: &ColorProfile, layout: Layout) -> Option<Self> {
        use moxcms::Layout as Samples;
        let (from, to) = match (layout, profile.color_space) {
            (Layout::Gray, DataColorSpace::Gray) => (Samples::Gray, Samples::Rgb),
            (Layout::GrayAlpha, DataColorSpace::Gray) => (Samples::GrayAlpha, Samples::Rgba),
            // Gray samples with an RGB profile are equal amounts of its three primaries.
            (Layout::Gray | Layout::Rgb | Layout::YCbCr, DataColorSpace::Rgb) => {
                (Samples::Rgb, Samples::Rgb)
            }
            (Layout::GrayAlpha | Layout::Rgba, DataColorSpace::Rgb) => {
                (Samples::Rgba, Samples::Rgba)
            }
            (Layout::Cmyk, DataColorSpace::Cmyk) => (Samples::Rgba, Samples::Rgb),
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
        let converter = Self {
            transform: Transform::Profile(transform),
            from,
            to,
        };
        (!converter.changes_nothing()).then_some(converter)
    }

    /// True where no colour of a cube of 9 × 9 × 9, or no gray, changes by more than rounding does.
    fn changes_nothing(&self) -> bool {
        use moxcms::Layout as Samples;
        const STEPS: [u8; 9] = [0, 32, 64, 96, 128, 160, 192, 224, 255];
        let cube = || {
            STEPS.iter().flat_map(|&r| {
                STEPS
                    .iter()
                    .flat_map(move |&g| STEPS.iter().map(move |&b| [r, g, b]))
            })
        };
        let (before, expected): (Vec<u8>, Vec<u8>) = match (self.from, self.to) {
            (Samples::Gray, _) => (
                (0..=255).collect(),
                (0..=255).flat_map(|gray| [gray; 3]).collect(),
            ),
            (Samples::GrayAlpha, _) => (
                (0..=255).flat_map(|gray| [gray, 255]).collect(),
                (0..=255).flat_map(|gray| [gray, gray, gray, 255]).collect(),
            ),
            (Samples::Rgb, _) => (cube().flatten().collect(), cube().flatten().collect()),
            (Samples::Rgba, Samples::Rgba) => {
                let opaque: Vec<u8> = cube().flat_map(|[r, g, b]| [r, g, b, 255]).collect();
                (opaque.clone(), opaque)
            }
            _ => return false,
        };
        let mut after = vec![0; expected.len()];
        self.apply(&before, &mut after).is_some()
            && after
                .iter()
                .zip(&expected)
                .all(|(&a, &b)| a.abs_diff(b) <= 1)
    }

    fn convert(&self, samples: &[u8]) -> Option<Vec<u8>> {
        let mut converted = vec![0; samples.len() / self.from.channels() * self.to.channels()];
        self.apply(samples, &mut converted)?;
        Some(converted)
    }

    fn apply(&self, samples: &[u8], converted: &mut [u8]) -> Option<()> {
        match &self.transform {
            Transform::Profile(transform) => transform.transform(samples, converted).ok(),
            Transform::ToneMapper(mapper) => {
                match self.from.channels() {
                    4 => mapper.map::<4>(samples, converted),
                    _ => mapper.map::<3>(samples, converted),
                }
                Some(())
            }
        }
    }
}

/// The same colours in sRGB. Gray stays gray, CMYK becomes RGB, alpha is kept; YCbCr may stay.
pub(super) fn to_srgb(raster: Raster, converter: Option<&ToSrgb>) -> Raster {
    match converter.and_then(|converter| convert(&raster, converter)) {
        Some(converted) => converted,
        None if raster.layout == Layout::Cmyk => plain_cmyk(&raster),
        None => raster,
    }
}

fn convert(raster: &Raster, converter: &ToSrgb) -> Option<Raster> {
    let takes_rgb = matches!(converter.from, moxcms::Layout::Rgb | moxcms::Layout::Rgba);
    let converted = match raster.layout {
        Layout::Gray if takes_rgb => converter.convert(
            &raster
                .samples
                .iter()
                .flat_map(|&gray| [gray; 3])
                .collect::<Vec<_>>(),
        ),
        Layout::GrayAlpha if takes_rgb => {
            let (pixels, _) = raster.samples.as_chunks();
            let rgba = pixels
                .iter()
                .flat_map(|&[gray, alpha]| [gray, gray, gray, alpha]);
            converter.convert(&rgba.collect::<Vec<_>>())
        }
        Layout::YCbCr => {
            let (pixels, _) = raster.samples.as_chunks();
            converter.convert(
                &pixels
                    .iter()
                    .copied()
                    .flat_map(ycbcr_to_rgb)
                    .collect::<Vec<_>>(),
            )
        }
        _ => converter.convert(&raster.samples),
    }?;
    let (layout, samples) = match raster.layout {
        // One of three equal channels, and alpha.
        Layout::Gray => {
            let (pixels, _) = converted.as_chunks();
            (
                Layout::Gray,
                pixels.iter().map(|&[_, green, _]| green).collect(),
            )
        }
        Layout::GrayAlpha => {
            let (pixels, _) = converted.as_chunks();
            (
                Layout::GrayAlpha,
                pixels
                    .iter()
                    .flat_map(|&[_, green, _, alpha]| [green, alpha])
                    .collect(),
            )
        }
        Layout::Rgba => (Layout::Rgba, converted),
        Layout::Rgb | Layout::YCbCr | Layout::Cmyk => (Layout::Rgb, converted),
    };
    Some(Raster {
        size: raster.size,
        layout,
        samples,
    })
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

/// JFIF's equations (JFIF 1.02, "Conversion to and from RGB").
pub(super) fn ycbcr_to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    // Casts to u8 saturate, which is what colours beyond the cube need.
    [
        y + 1.402 * cr,
        y - 0.344_136 * cb - 0.714_136 * cr,
        y + 1.772 * cb,
    ]
    .map(|sample| (sample + 0.5) as u8)
}

/// The same the other way.
pub(super) fn rgb_to_ycbcr(pixel: [u8; 3]) -> [u8; 3] {
    let [red, green, blue] = pixel.map(f32::from);
    [
        0.299 * red + 0.587 * green + 0.114 * blue,
        128.0 - 0.168_736 * red - 0.331_264 * green + 0.5 * blue,
        128.0 + 0.5 * red - 0.418_688 * green - 0.081_312 * blue,
    ]
    .map(|sample| (sample + 0.5) as u8)
}
