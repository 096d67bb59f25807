//! A canvas that draws as browsers do: shapes with soft edges, blended over what is there.

/// Red, green, blue and alpha, from 0 to 1.
pub type Color = [f32; 4];

/// A place in pixels from the upper left corner.
pub type Point = (f32, f32);

/// Letters a to z, then digits, as strokes between points: column and row of a grid, with 2 the height of an x and 6 the
/// base line.
const GLYPHS: [&str; 36] = [
    "02 32 36 06 04 34",
    "00 06 36 32 02",
    "32 02 06 36",
    "30 36 06 02 32",
    "04 34 32 02 06 36",
    "30 10 16|02 32",
    "36 06 02 32 38 08",
    "00 06|02 32 36",
    "12 16|10 11",
    "22 28 08|20 21",
    "00 06|32 04 36",
    "10 16 26",
    "06 02 42 46|22 26",
    "06 02 32 36",
    "02 32 36 06 02",
    "08 02 32 36 06",
    "38 32 02 06 36",
    "06 02 32",
    "32 02 04 34 36 06",
    "10 16 36|02 32",
    "02 06 36 32",
    "02 16 32",
    "02 06 46 42|22 26",
    "02 36|32 06",
    "02 16|32 08",
    "02 32 06 36",
    "00 30 36 06 00",
    "11 20 26",
    "00 30 33 03 06 36",
    "00 30 36 06|03 33",
    "00 03 33|30 36",
    "30 00 03 33 36 06",
    "30 00 06 36 33 03",
    "00 30 16",
    "00 30 36 06 00|03 33",
    "33 03 00 30 36 06",
];

pub struct Canvas {
    pub width: u32,
    pub height: u32,
    pixels: Vec<Color>,
}

/// An opaque colour of a hue from 0 to 1.
pub fn hue(hue: f32, light: f32) -> Color {
    let part = |shift: f32| ((hue + shift).fract() * 6.0 - 3.0).abs().clamp(1.0, 2.0) - 1.0;
    [
        light * (0.35 + 0.65 * part(0.0)),
        light * (0.35 + 0.65 * part(2.0 / 3.0)),
        light * (0.35 + 0.65 * part(1.0 / 3.0)),
        1.0,
    ]
}

pub fn gray(gray: f32) -> Color {
    [gray, gray, gray, 1.0]
}

/// Part of the way from one colour to the other.
pub fn between(one: Color, other: Color, part: f32) -> Color {
    std::array::from_fn(|channel| {
        one[channel] + (other[channel] - one[channel]) * part.clamp(0.0, 1.0)
    })
}

impl Canvas {
    pub fn new(width: u32, height: u32, background: impl Fn(f32, f32) -> Color) -> Self {
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)));
        let pixels = rows.map(|(x, y)| background(x, y)).collect();
        Self {
            width,
            height,
            pixels,
        }
    }

    /// Samples of 8 bits: as many of a pixel's channels as asked.
    pub fn samples<const N: usize>(&self) -> Vec<u8> {
        let sample = |value: &f32| (value * 255.0 + 0.5) as u8;
        self.pixels
            .iter()
            .flat_map(|pixel| pixel[..N].iter().map(sample))
            .collect()
    }

    /// Changes every sample by itself, alpha too.
    pub fn change(&mut self, mut change: impl FnMut(f32) -> f32) {
        for sample in self.pixels.as_flattened_mut() {
            *sample = change(*sample).clamp(0.0, 1.0);
        }
    }

    /// Mixes each pixel with the next one and the one below.
    pub fn blur(&mut self) {
        for at in 0..self.pixels.len() - self.width as usize {
            let (right, below) = (self.pixels[at + 1], self.pixels[at + self.width as usize]);
            self.pixels[at] = between(self.pixels[at], between(right, below, 0.5), 0.5);
        }
    }

    /// Colours what is nearer than half a pixel to where `distance` is 0, which is less than that within the shape.
    fn shape(
        &mut self,
        from: Point,
        to: Point,
        distance: impl Fn(Point) -> f32,
        color: impl Fn(Point) -> Color,
    ) {
        let range = |from: f32, to: f32, end: u32| {
            (from.floor().max(0.0) as u32)..(to.ceil().max(0.0) as u32 + 1).min(end)
        };
        for y in range(from.1, to.1, self.height) {
            for x in range(from.0, to.0, self.width) {
                let place = (x as f32 + 0.5, y as f32 + 0.5);
                let part = (0.5 - distance(place)).clamp(0.0, 1.0);
                if part > 0.0 {
                    let pixel = &mut self.pixels[(y * self.width + x) as usize];
                    let [red, green, blue, alpha] = color(place);
                    let over = part * alpha;
                    let rest = pixel[3] * (1.0 - over);
                    let all = over + rest;
                    for (channel, value) in pixel.iter_mut().zip([red, green, blue]) {
                        *channel = (value * over + *channel * rest) / all;
                    }
                    pixel[3] = all;
                }
            }
        }
    }

    /// A box with round corners.
    pub fn card(
        &mut self,
        (x, y): Point,
        (width, height): Point,
        radius: f32,
        color: impl Fn(Point) -> Color,
    ) {
        let middle = (x + width / 2.0, y + height / 2.0);
        let distance = |place: Point| {
            let beyond = (
                (place.0 - middle.0).abs() - width / 2.0 + radius,
                (place.1 - middle.1).abs() - height / 2.0 + radius,
            );
            beyond.0.max(0.0).hypot(beyond.1.max(0.0)) + beyond.0.max(beyond.1).min(0.0) - radius
        };
        self.shape((x, y), (x + width, y + height), distance, color);
    }

    pub fn rectangle(&mut self, from: Point, size: Point, color: Color) {
        self.card(from, size, 0.0, |_| color);
    }

    pub fn disc(&mut self, (x, y): Point, radius: f32, color: impl Fn(Point) -> Color) {
        self.card(
            (x - radius, y - radius),
            (2.0 * radius, 2.0 * radius),
            radius,
            color,
        );
    }

    /// A stroke through points.
    pub fn line(&mut self, points: &[Point], width: f32, color: Color) {
        for ends in points.windows(2) {
            let (a, b) = (ends[0], ends[1]);
            let along = (b.0 - a.0, b.1 - a.1);
            let length = (along.0 * along.0 + along.1 * along.1).max(1e-6);
            let distance = |place: Point| {
                let (x, y) = (place.0 - a.0, place.1 - a.1);
                let part = ((x * along.0 + y * along.1) / length).clamp(0.0, 1.0);
                (x - part * along.0).hypot(y - part * along.1) - width / 2.0
            };
            let reach = width / 2.0 + 1.0;
            let from = (a.0.min(b.0) - reach, a.1.min(b.1) - reach);
            let to = (a.0.max(b.0) + reach, a.1.max(b.1) + reach);
            self.shape(from, to, distance, |_| color);
        }
    }

    /// The surface between points that follow one another around a middle.
    pub fn polygon(&mut self, points: &[Point], color: impl Fn(Point) -> Color) {
        let bound = |start: f32, pick: fn(f32, f32) -> f32| {
            points.iter().fold((start, start), |(x, y), point| {
                (pick(x, point.0), pick(y, point.1))
            })
        };
        let edges = || points.iter().zip(points.iter().cycle().skip(1));
        let distance = |(x, y): Point| {
            let crossed = edges().filter(|(a, b)| {
                (a.1 > y) != (b.1 > y) && x < a.0 + (y - a.1) * (b.0 - a.0) / (b.1 - a.1)
            });
            let inside = crossed.count() % 2 == 1;
            let nearest = edges().map(|(a, b)| {
                let along = (b.0 - a.0, b.1 - a.1);
                let length = (along.0 * along.0 + along.1 * along.1).max(1e-6);
                let part = (((x - a.0) * along.0 + (y - a.1) * along.1) / length).clamp(0.0, 1.0);
                (x - a.0 - part * along.0).hypot(y - a.1 - part * along.1)
            });
            let nearest = nearest.fold(f32::MAX, f32::min);
            if inside { -nearest } else { nearest }
        };
        self.shape(
            bound(f32::MAX, f32::min),
            bound(f32::MIN, f32::max),
            distance,
            color,
        );
    }

    /// Text whose letters are so high; gives where it ends.
    pub fn text(&mut self, (mut x, y): Point, size: f32, text: &str, color: Color) -> f32 {
        let unit = size / 8.0;
        for letter in text.bytes() {
            let index = match letter {
                b'a'..=b'z' => letter - b'a',
                b'0'..=b'9' => letter - b'0' + 26,
                _ => {
                    x += 3.0 * unit;
                    continue;
                }
            };
            for stroke in GLYPHS[usize::from(index)].split('|') {
                let place = |digits: &str| {
                    let digit = |at: usize| f32::from(digits.as_bytes()[at] - b'0') * unit;
                    (x + digit(0), y + digit(1))
                };
                let points: Vec<Point> = stroke.split(' ').map(place).collect();
                self.line(&points, size / 11.0, color);
            }
            // Browsers put letters at whole pixels, or at quarters of one.
            x += ((if matches!(letter, b'm' | b'w') {
                5.5
            } else {
                4.5
            }) * unit
                * 4.0)
                .round()
                / 4.0;
        }
        x
    }
}
