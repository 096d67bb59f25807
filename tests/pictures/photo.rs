//! A picture like a photo: light that changes slowly, surfaces with edges between them, texture of every
//! size, and a sensor's noise. As hard to code as a real one: 12 megapixels take 2 to 5 MB at quality 85 to 90.

/// A layer of smooth random values: one for every `cell` pixels, lines between them.
struct Layer {
    cell: usize,
    amplitude: i32,
    seed: u32,
}

const LIGHT: Layer = Layer {
    cell: 700,
    amplitude: 120,
    seed: 1,
};
const SURFACES: Layer = Layer {
    cell: 240,
    amplitude: 256,
    seed: 2,
};
const HUE: Layer = Layer {
    cell: 330,
    amplitude: 70,
    seed: 3,
};
const TEXTURES: [Layer; 5] = [
    Layer {
        cell: 130,
        amplitude: 50,
        seed: 4,
    },
    Layer {
        cell: 47,
        amplitude: 36,
        seed: 5,
    },
    Layer {
        cell: 17,
        amplitude: 32,
        seed: 6,
    },
    Layer {
        cell: 7,
        amplitude: 24,
        seed: 7,
    },
    Layer {
        cell: 3,
        amplitude: 14,
        seed: 8,
    },
];

/// The colours of surfaces, as differences from gray.
const TINTS: [[i32; 3]; 5] = [
    [30, 5, -35],
    [-25, 20, -20],
    [10, 10, 10],
    [45, -15, -25],
    [-40, -5, 40],
];

/// RGB pixels of a photo-like picture; the same for the same size.
pub fn photo(width: u32, height: u32) -> Vec<u8> {
    let (width, height) = (width as usize, height as usize);
    let mut pixels = Vec::with_capacity(width * height * 3);
    let mut rows: [Vec<i32>; 4] = Default::default();
    for y in 0..height {
        let [light, surfaces, hue, texture] = &mut rows;
        LIGHT.row(y, width, light, true);
        SURFACES.row(y, width, surfaces, true);
        HUE.row(y, width, hue, true);
        for (index, layer) in TEXTURES.iter().enumerate() {
            layer.row(y, width, texture, index == 0);
        }
        let mut noise = mix(y as u32 ^ 0x5EED) | 1;
        for x in 0..width {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            // Thresholds in a smooth layer give surfaces with curved edges.
            let surface = surfaces[x].clamp(0, 255) as usize * TINTS.len() / 256;
            let [red, green, blue] = TINTS[surface];
            let rough = if surface == 2 {
                texture[x] / 4
            } else {
                texture[x]
            };
            let gray = light[x] + rough - 20 + (surface as i32 * 53) % 90;
            let warm = hue[x] - 35;
            // A sensor measures each colour by itself.
            let colors = [gray + red + warm, gray + green, gray + blue - warm];
            let mut noises = noise;
            pixels.extend(colors.map(|color| {
                noises >>= 8;
                (color + (noises & 7) as i32 - 3).clamp(0, 255) as u8
            }));
        }
    }
    pixels
}

impl Layer {
    /// The layer's values of a row, put into `row` or added to it.
    fn row(&self, y: usize, width: usize, row: &mut Vec<i32>, first: bool) {
        if first {
            row.clear();
            row.resize(width, 0);
        }
        let (line, below) = (y / self.cell, (y % self.cell) as i32);
        let cell = self.cell as i32;
        let at = |column: usize| {
            let (above, beneath) = (self.value(column, line), self.value(column, line + 1));
            (above * (cell - below) + beneath * below) * 256 / cell
        };
        let mut left = at(0);
        for (column, part) in row.chunks_mut(self.cell).enumerate() {
            let right = at(column + 1);
            let (mut value, step) = (left, (right - left) / cell);
            for pixel in part {
                *pixel += value / 256;
                value += step;
            }
            left = right;
        }
    }

    fn value(&self, column: usize, line: usize) -> i32 {
        let random = mix(mix(mix(self.seed) ^ column as u32) ^ line as u32);
        (random >> 8) as i32 % (self.amplitude + 1)
    }
}

/// Spreads an integer's bits.
fn mix(value: u32) -> u32 {
    let value = (value ^ (value >> 16))
        .wrapping_add(0x9E37_79B9)
        .wrapping_mul(0x85EB_CA6B);
    let value = (value ^ (value >> 13)).wrapping_mul(0xC2B2_AE35);
    value ^ (value >> 16)
}
