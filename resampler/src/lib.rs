//! Pictures in another size, by the Lanczos filter of `fast_image_resize`.
//!
//! A crate of its own, since that one is compiled anew for every kind of pixel that it is used for, and this takes longer than all
//! of the imaging crate: here it is done once, not with each change of that crate and again for its tests.

mod kernel;

use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8, U8x3, U8x4};
use fast_image_resize::{
    Filter, FilterType, MulDiv, PixelTrait, ResizeAlg, ResizeOptions, Resizer,
};

pub use kernel::{LOBES, lanczos};

/// What the samples of a picture are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pixels {
    /// One sample each.
    One,
    /// Three samples each.
    Three,
    /// Four samples each, all of them alike.
    Four,
    /// Three samples and alpha. They are multiplied by it meanwhile, so that transparent pixels lend no colour to their
    /// neighbours.
    Alpha,
}

/// A rectangle in pixels, which need not be whole ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// From the left side.
    pub left: f64,
    /// From the top.
    pub top: f64,
    /// Greater than 0.
    pub width: f64,
    /// Greater than 0.
    pub height: f64,
}

/// Sizes, buffers or parts that do not fit together.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Mismatch(String);

impl Mismatch {
    fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// Makes pictures of another size. It keeps the memory that it takes in between.
#[derive(Default)]
pub struct Resampler {
    resizer: Resizer,
}

impl Resampler {
    /// One that has no memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A picture, or a part of it, in the size `to`. `samples` are only read: that they could be written to spares the
    /// compiler another kind of picture.
    ///
    /// # Errors
    /// Where `samples` are fewer than `from` says, or the part is not within the picture.
    pub fn resample(
        &mut self,
        pixels: Pixels,
        samples: &mut [u8],
        from: (u32, u32),
        to: (u32, u32),
        part: Option<Part>,
    ) -> Result<Vec<u8>, Mismatch> {
        // The resizer's own kernel takes two sines of the system's for each weight, and every resize finds its weights anew.
        let filter = Filter::new("Lanczos", kernel::lanczos, LOBES);
        let filter = filter.map_or(FilterType::Lanczos3, FilterType::Custom);
        let mut options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(filter))
            .use_alpha(pixels == Pixels::Alpha);
        if let Some(part) = part {
            options = options.crop(part.left, part.top, part.width, part.height);
        }
        match pixels {
            Pixels::One => self.resample_typed::<U8>(samples, from, to, &options),
            Pixels::Three => self.resample_typed::<U8x3>(samples, from, to, &options),
            Pixels::Four | Pixels::Alpha => {
                self.resample_typed::<U8x4>(samples, from, to, &options)
            }
        }
    }

    fn resample_typed<P: PixelTrait>(
        &mut self,
        samples: &mut [u8],
        (width, height): (u32, u32),
        to: (u32, u32),
        options: &ResizeOptions,
    ) -> Result<Vec<u8>, Mismatch> {
        let source = TypedImage::<P>::from_buffer(width, height, samples).map_err(Mismatch::of)?;
        let mut resampled = vec![0; to.0 as usize * to.1 as usize * P::size()];
        let mut target =
            TypedImage::<P>::from_buffer(to.0, to.1, &mut resampled).map_err(Mismatch::of)?;
        self.resizer
            .resize_typed(&source, &mut target, options)
            .map_err(Mismatch::of)?;
        Ok(resampled)
    }
}

/// Multiplies the colours of pixels of four samples by their alpha.
///
/// # Errors
/// Where there are not as many samples as the size says.
pub fn multiply_alpha(samples: &mut [u8], (width, height): (u32, u32)) -> Result<(), Mismatch> {
    let mut image =
        TypedImage::<U8x4>::from_buffer(width, height, samples).map_err(Mismatch::of)?;
    MulDiv::new()
        .multiply_alpha_inplace_typed(&mut image)
        .map_err(Mismatch::of)
}

/// Divides the colours of pixels of four samples by their alpha.
///
/// # Errors
/// Where there are not as many samples as the size says.
pub fn divide_alpha(samples: &mut [u8], (width, height): (u32, u32)) -> Result<(), Mismatch> {
    let mut image =
        TypedImage::<U8x4>::from_buffer(width, height, samples).map_err(Mismatch::of)?;
    MulDiv::new()
        .divide_alpha_inplace_typed(&mut image)
        .map_err(Mismatch::of)
}
