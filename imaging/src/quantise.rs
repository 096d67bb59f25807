//! Few colours in the place of many that look the same: for thumbnails of pictures that have a palette themselves, whose
//! resize puts thousands of blends between their colours.
//!
//! The colours are parted in CIE L*a*b*, where distances are those that are seen: the part with the largest error is cut in
//! two until there are 256. The means then move twice to where the colours are that are nearest to them.

use std::collections::HashMap;

use super::raster::{Layout, Raster};

/// Colours of a palette.
const COLORS: usize = 256;

/// More colours than this are those of a photo.
const MAX_DISTINCT: usize = 1 << 15;

/// What nobody sees: the distance of colours in the mean, and of all pixels but one in a hundred. CIEDE2000 tells most
/// distances smaller than this measure (CIE 1976) does, and none much larger.
const MEAN: f32 = 0.8;
const ALMOST_ALL: f32 = 2.4;

type Lab = [f32; 3];

/// A colour, where it lies, and how many pixels have it.
#[derive(Clone, Copy)]
struct Color {
    rgb: [u8; 3],
    lab: Lab,
    count: f32,
}

/// The same picture in 256 colours; `None` where that would be seen, or where it has no more.
pub(super) fn quantise(raster: &Raster) -> Option<Raster> {
    if raster.layout != Layout::Rgb {
        return None;
    }
    let (pixels, _) = raster.samples.as_chunks::<3>();
    let mut colors = distinct(pixels)?;
    let means = means(&mut colors);
    let palette = moved(&colors, &moved(&colors, &means));
    let mut replacements = HashMap::with_capacity(colors.len());
    let (mut sum, mut far, mut total) = (0.0, 0.0, 0.0);
    for color in &colors {
        let shown = palette.get(nearest(&palette, color.lab))?;
        let error = distance(shown.lab, color.lab).sqrt();
        sum += error * color.count;
        total += color.count;
        if error > ALMOST_ALL {
            far += color.count;
        }
        replacements.insert(color.rgb, shown.rgb);
    }
    if sum > MEAN * total || far * 100.0 > total {
        return None;
    }
    let shown = pixels.iter().filter_map(|pixel| replacements.get(pixel));
    Some(Raster {
        size: raster.size,
        layout: Layout::Rgb,
        samples: shown.flatten().copied().collect(),
    })
}

/// The picture's colours, more than a palette holds but no photo's.
fn distinct(pixels: &[[u8; 3]]) -> Option<Vec<Color>> {
    let mut counts: HashMap<[u8; 3], f32> = HashMap::new();
    let mut pixels = pixels.chunk_by(|one, next| one == next);
    pixels.try_for_each(|run| {
        let &color = run.first()?;
        *counts.entry(color).or_default() += run.len() as f32;
        (counts.len() <= MAX_DISTINCT).then_some(())
    })?;
    if counts.len() <= COLORS {
        return None;
    }
    let color = |(rgb, count)| Color {
        rgb,
        lab: lab(rgb),
        count,
    };
    let mut colors: Vec<Color> = counts.into_iter().map(color).collect();
    // The same picture gives the same file.
    colors.sort_unstable_by_key(|color| color.rgb);
    Some(colors)
}

/// Colours that belong together.
struct Part<'a> {
    colors: &'a mut [Color],
    mean: Lab,
    /// The axis along which they are furthest apart, and the squares of the distances along it.
    axis: usize,
    error: f32,
}

impl<'a> Part<'a> {
    fn new(colors: &'a mut [Color]) -> Self {
        let total: f32 = colors.iter().map(|color| color.count).sum();
        let mean = std::array::from_fn(|axis| {
            let sum: f32 = colors
                .iter()
                .map(|color| color.count * color.lab[axis])
                .sum();
            sum / total
        });
        let errors: Lab = std::array::from_fn(|axis| {
            let square = |color: &Color| color.count * (color.lab[axis] - mean[axis]).powi(2);
            colors.iter().map(square).sum()
        });
        let axis = (0..3).max_by(|&a, &b| errors[a].total_cmp(&errors[b]));
        let axis = axis.unwrap_or(0);
        Self {
            error: errors[axis],
            colors,
            mean,
            axis,
        }
    }

    /// Both sides of the mean.
    fn cut(self) -> [Self; 2] {
        let (axis, mean) = (self.axis, self.mean);
        self.colors
            .sort_unstable_by(|a, b| a.lab[axis].total_cmp(&b.lab[axis]));
        let middle = self
            .colors
            .partition_point(|color| color.lab[axis] <= mean[axis]);
        let middle = middle.clamp(1, self.colors.len() - 1);
        let (low, high) = self.colors.split_at_mut(middle);
        [Self::new(low), Self::new(high)]
    }
}

/// The means of so many parts, and what they are of.
fn means(colors: &mut [Color]) -> Vec<Color> {
    let mut parts = vec![Part::new(colors)];
    while parts.len() < COLORS {
        let worst = parts
            .iter()
            .enumerate()
            .filter(|(_, part)| part.colors.len() > 1)
            .max_by(|(_, a), (_, b)| a.error.total_cmp(&b.error));
        let Some((worst, _)) = worst else { break };
        let worst = parts.swap_remove(worst);
        parts.extend(worst.cut());
    }
    let color = |part: Part| Color {
        rgb: [0; 3],
        lab: part.mean,
        count: 0.0,
    };
    parts.into_iter().map(color).collect()
}

/// The means of the colours that each of these is the nearest to.
fn moved(colors: &[Color], palette: &[Color]) -> Vec<Color> {
    let mut sums = vec![([0.0; 3], 0.0); palette.len()];
    for color in colors {
        if let Some((sum, count)) = sums.get_mut(nearest(palette, color.lab)) {
            for (sum, sample) in sum.iter_mut().zip(color.rgb) {
                *sum += color.count * f32::from(sample);
            }
            *count += color.count;
        }
    }
    let used = sums.into_iter().filter(|(_, count)| *count > 0.0);
    used.map(|(sum, count)| {
        let rgb = sum.map(|sum| (sum / count + 0.5) as u8);
        Color {
            rgb,
            lab: lab(rgb),
            count,
        }
    })
    .collect()
}

/// The place of the nearest of these.
fn nearest(palette: &[Color], color: Lab) -> usize {
    let distances = palette.iter().map(|entry| distance(entry.lab, color));
    let nearest = distances
        .enumerate()
        .min_by(|(_, a), (_, b)| a.total_cmp(b));
    nearest.map_or(0, |(place, _)| place)
}

/// The square of how far two colours are apart.
fn distance(one: Lab, other: Lab) -> f32 {
    let [l, a, b]: Lab = std::array::from_fn(|axis| one[axis] - other[axis]);
    l * l + a * a + b * b
}

/// CIE L*a*b* of sRGB (IEC 61966-2-1; CIE 15), white D65.
fn lab(rgb: [u8; 3]) -> Lab {
    let [red, green, blue] = rgb.map(|sample| {
        let sample = f32::from(sample) / 255.0;
        if sample <= 0.040_45 {
            sample / 12.92
        } else {
            ((sample + 0.055) / 1.055).powf(2.4)
        }
    });
    let curve = |light: f32| {
        if light > 216.0 / 24_389.0 {
            light.cbrt()
        } else {
            (24_389.0 / 27.0 * light + 16.0) / 116.0
        }
    };
    let x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
    let y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    let z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}
