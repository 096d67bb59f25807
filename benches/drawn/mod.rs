//! Pictures as people upload them, drawn on the spot and the same in every run.
#![allow(dead_code, reason = "each bench uses a part")]

mod canvas;

use canvas::{Canvas, Color, Point, between, gray, hue};
use image::{
    ExtendedColorType as ColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};

/// A picture that is uploaded as PNG.
pub struct Uploaded {
    pub name: &'static str,
    pub file: Vec<u8>,
}

const WORDS: [&str; 16] = [
    "upload", "picture", "of", "the", "invoice", "total", "meeting", "at", "noon", "storage",
    "quick", "brown", "fox", "delivery", "name", "expires",
];

const WHITE: Color = gray_of(1.0);
const INK: Color = gray_of(0.13);

const fn gray_of(gray: f32) -> Color {
    [gray, gray, gray, 1.0]
}

/// A photograph of 4 megapixels.
pub fn photo() -> Vec<u8> {
    file(
        2400,
        1700,
        ColorType::Rgb8,
        &crate::pictures::photo(2400, 1700),
    )
}

/// Every kind but a photograph.
pub fn drawings() -> Vec<Uploaded> {
    let rgb =
        |name, canvas: Canvas| uploaded(name, &canvas, ColorType::Rgb8, &canvas.samples::<3>());
    let scan = scan();
    let icons = icons();
    vec![
        rgb("desktop screenshot", desktop()),
        rgb("phone screenshot", phone()),
        rgb("dark editor", editor()),
        rgb("spreadsheet", sheet()),
        rgb("chart", chart()),
        uploaded(
            "icons with alpha",
            &icons,
            ColorType::Rgba8,
            &icons.samples::<4>(),
        ),
        rgb("gradients", gradients()),
        rgb("map", map()),
        uploaded("scan in gray", &scan, ColorType::L8, &scan.samples::<1>()),
        rgb("comic", comic()),
    ]
}

fn uploaded(name: &'static str, canvas: &Canvas, color: ColorType, samples: &[u8]) -> Uploaded {
    Uploaded {
        name,
        file: file(canvas.width, canvas.height, color, samples),
    }
}

/// As programs write it: filters chosen row by row.
fn file(width: u32, height: u32, color: ColorType, samples: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Level(6), FilterType::Adaptive)
        .write_image(samples, width, height, color)
        .expect("a PNG");
    file
}

/// Chance by xorshift (Marsaglia 2003).
struct Chance(u32);

impl Chance {
    fn part(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }

    fn within(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.part()
    }

    fn below(&mut self, end: usize) -> usize {
        (self.part() * end as f32) as usize
    }

    fn words(&mut self, count: usize) -> String {
        let words: Vec<&str> = (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect();
        words.join(" ")
    }

    fn place(&mut self, canvas: &Canvas) -> Point {
        (
            self.within(0.0, canvas.width as f32),
            self.within(0.0, canvas.height as f32),
        )
    }
}

/// A window with a list of messages in front of a coloured background.
fn desktop() -> Canvas {
    let (one, other) = ([0.17, 0.35, 0.46, 1.0], [0.31, 0.26, 0.46, 1.0]);
    let mut canvas = Canvas::new(2560, 1440, |x, y| {
        between(one, other, (x * 0.4 + y) / 2464.0)
    });
    let mut chance = Chance(1);
    canvas.rectangle((0.0, 0.0), (2560.0, 32.0), gray(0.12));
    canvas.text(
        (20.0, 9.0),
        15.0,
        "activities    monday 12 march 14 05",
        WHITE,
    );
    canvas.card((120.0, 80.0), (2320.0, 1280.0), 12.0, |_| WHITE);
    canvas.rectangle((120.0, 124.0), (2320.0, 1.0), gray(0.8));
    canvas.card((120.0, 180.0), (230.0, 36.0), 18.0, |_| {
        [0.83, 0.89, 0.99, 1.0]
    });
    for row in 0..14 {
        canvas.text(
            (150.0, 190.0 + 40.0 * row as f32),
            16.0,
            &chance.words(1),
            INK,
        );
    }
    for row in 0..20 {
        let y = 140.0 + 60.0 * row as f32;
        let color = hue(chance.part(), 0.7);
        canvas.disc((420.0, y + 28.0), 18.0, |_| color);
        canvas.text((470.0, y + 20.0), 16.0, &chance.words(2), INK);
        let end = canvas.text((700.0, y + 20.0), 16.0, &chance.words(4), INK);
        canvas.text((end + 16.0, y + 20.0), 16.0, &chance.words(16), gray(0.5));
        canvas.rectangle((380.0, y + 58.0), (2060.0, 1.0), gray(0.89));
    }
    canvas
}

/// A conversation.
fn phone() -> Canvas {
    let mut canvas = Canvas::new(1080, 2400, |_, _| WHITE);
    let mut chance = Chance(2);
    canvas.rectangle((0.0, 0.0), (1080.0, 230.0), gray(0.965));
    canvas.text((400.0, 140.0), 46.0, &chance.words(2), INK);
    let mut y = 260.0;
    while y < 2350.0 {
        let lines = 1 + chance.below(5);
        let height = 60.0 + 58.0 * lines as f32;
        let (left, fill, ink) = match chance.below(3) {
            0 => (30.0, gray(0.913), INK),
            _ => (330.0, [0.04, 0.52, 1.0, 1.0], WHITE),
        };
        canvas.card((left, y), (720.0, height), 46.0, |_| fill);
        for line in 0..lines {
            canvas.text(
                (left + 40.0, y + 38.0 + 58.0 * line as f32),
                42.0,
                &chance.words(3),
                ink,
            );
        }
        y += height + 26.0;
    }
    canvas
}

/// Code in the colours of its parts, line numbers, a list of files, and all of it once more, small.
fn editor() -> Canvas {
    const PARTS: [Color; 6] = [
        [0.83, 0.83, 0.83, 1.0],
        [0.34, 0.61, 0.84, 1.0],
        [0.81, 0.57, 0.47, 1.0],
        [0.31, 0.79, 0.69, 1.0],
        [0.86, 0.86, 0.67, 1.0],
        [0.42, 0.6, 0.33, 1.0],
    ];
    let mut canvas = Canvas::new(2560, 1440, |_, _| gray(0.118));
    let mut chance = Chance(3);
    canvas.rectangle((0.0, 0.0), (48.0, 1440.0), gray(0.2));
    canvas.rectangle((48.0, 0.0), (260.0, 1440.0), gray(0.145));
    for row in 0..60 {
        let indent = 12.0 * chance.below(3) as f32;
        canvas.text(
            (70.0 + indent, 8.0 + 22.0 * row as f32),
            14.0,
            &chance.words(1),
            gray(0.8),
        );
    }
    let mut indent = 0;
    for row in 0..75 {
        let y = 4.0 + 19.0 * row as f32;
        canvas.text((330.0, y), 14.0, &format!("{:3}", row + 120), gray(0.52));
        indent = (indent + chance.below(3)).saturating_sub(1).min(8);
        let (mut x, mut small) = (380.0 + 32.0 * indent as f32, 2440.0 + 4.0 * indent as f32);
        for _ in 0..chance.below(9) {
            let color = PARTS[chance.below(PARTS.len())];
            x = canvas.text((x, y), 14.0, &chance.words(1), color) + 8.0;
            canvas.rectangle(
                (small, 3.0 * row as f32),
                (12.0, 1.5),
                between(gray(0.118), color, 0.6),
            );
            small += 15.0;
        }
    }
    canvas
}

/// Numbers and words in cells.
fn sheet() -> Canvas {
    let mut canvas = Canvas::new(1920, 1400, |_, _| WHITE);
    let mut chance = Chance(4);
    canvas.rectangle((0.0, 0.0), (1920.0, 60.0), gray(0.97));
    for row in 0..72 {
        let y = 60.0 + 18.6 * row as f32;
        canvas.rectangle((0.0, y.round()), (1920.0, 1.0), gray(0.835));
        for column in 0..19 {
            let x = 101.0 * column as f32;
            let text = match column % 5 {
                0 => chance.words(2),
                _ => format!("{} {:02}", chance.below(9_000), chance.below(100)),
            };
            canvas.text((x + 6.0, y.round() + 4.0), 12.0, &text, INK);
        }
    }
    for column in 0..19 {
        canvas.rectangle((101.0 * column as f32, 60.0), (1.0, 1340.0), gray(0.835));
    }
    canvas
}

/// Bars, and lines over them.
fn chart() -> Canvas {
    let mut canvas = Canvas::new(1500, 900, |_, _| WHITE);
    let mut chance = Chance(5);
    canvas.text((500.0, 24.0), 24.0, "uploads of each month", INK);
    for line in 0..9 {
        let y = 60.0 + 95.0 * line as f32;
        canvas.rectangle((80.0, y), (1344.0, 1.0), gray(0.88));
        canvas.text((40.0, y - 6.0), 14.0, &format!("{}", 90 - 10 * line), INK);
    }
    for bar in 0..12 {
        let height = chance.within(100.0, 600.0);
        canvas.rectangle(
            (100.0 + 110.0 * bar as f32, 820.0 - height),
            (60.0, height),
            [0.3, 0.47, 0.65, 0.25],
        );
        canvas.text(
            (110.0 + 110.0 * bar as f32, 836.0),
            14.0,
            &chance.words(1),
            INK,
        );
    }
    for line in 0..5 {
        let mut value = chance.within(200.0, 600.0);
        let mut point = |step: i32| {
            value = (value + chance.within(-40.0, 40.0)).clamp(40.0, 740.0);
            (80.0 + 5.6 * step as f32, 820.0 - value)
        };
        let points: Vec<Point> = (0..240).map(&mut point).collect();
        canvas.line(&points, 2.0, hue(0.2 * line as f32, 0.8));
    }
    canvas
}

/// Signs on nothing.
fn icons() -> Canvas {
    let mut canvas = Canvas::new(2080, 1200, |_, _| [0.0; 4]);
    let mut chance = Chance(6);
    for index in 0..120 {
        let (x, y) = (
            20.0 + 136.0 * (index % 15) as f32,
            20.0 + 148.0 * (index / 15) as f32,
        );
        let base = chance.part();
        let fill = |place: Point| between(hue(base, 1.0), hue(base, 0.65), (place.1 - y) / 110.0);
        match index % 5 {
            0 => canvas.disc((x + 55.0, y + 55.0), 52.0, fill),
            1 => canvas.card((x, y), (110.0, 110.0), 24.0, fill),
            2 => canvas.polygon(
                &[(x + 55.0, y), (x + 110.0, y + 104.0), (x, y + 104.0)],
                fill,
            ),
            3 => canvas.card((x, y + 20.0), (110.0, 80.0), 8.0, |_| hue(base, 0.9)),
            _ => canvas.line(
                &[
                    (x + 10.0, y + 90.0),
                    (x + 40.0, y + 20.0),
                    (x + 70.0, y + 90.0),
                    (x + 100.0, y + 20.0),
                ],
                14.0,
                hue(base, 0.8),
            ),
        }
        canvas.text((x + 42.0, y + 40.0), 40.0, &chance.words(1)[..1], WHITE);
    }
    canvas
}

/// Cards in front of a light that changes from corner to corner.
fn gradients() -> Canvas {
    let light = |x: f32, y: f32| {
        let part = (x - 320.0).hypot(y - 100.0) / 1500.0;
        let near = between([1.0, 0.82, 0.91, 1.0], [0.78, 0.84, 1.0, 1.0], part / 0.45);
        between(near, [0.62, 0.9, 0.88, 1.0], (part - 0.45) / 0.55)
    };
    let mut canvas = Canvas::new(1600, 1000, light);
    let mut chance = Chance(7);
    for index in 0..12 {
        let (x, y) = (
            40.0 + 390.0 * (index % 4) as f32,
            40.0 + 320.0 * (index / 4) as f32,
        );
        let (base, slant) = (index as f32 / 12.0, chance.within(-1.0, 1.0));
        let fill = |place: Point| {
            let along = (place.0 - x) / 350.0 * slant + (place.1 - y) / 270.0;
            between(hue(base, 1.0), hue(base + 0.4, 0.6), along * 0.8)
        };
        // A shadow, softer from ring to ring.
        for ring in 0..12 {
            let more = 24.0 - 2.0 * ring as f32;
            canvas.card(
                (x - more, y + 10.0 - more),
                (350.0 + 2.0 * more, 270.0 + 2.0 * more),
                18.0 + more,
                |_| [0.08, 0.08, 0.24, 0.025],
            );
        }
        canvas.card((x, y), (350.0, 270.0), 18.0, fill);
        canvas.text((x + 22.0, y + 24.0), 30.0, &chance.words(2), WHITE);
        for line in 0..3 {
            canvas.text(
                (x + 22.0, y + 86.0 + 28.0 * line as f32),
                18.0,
                &chance.words(4),
                WHITE,
            );
        }
    }
    canvas
}

/// A polygon of this middle and about this size.
fn blot(chance: &mut Chance, middle: Point, size: f32) -> Vec<Point> {
    let mut corner = |index: i32| {
        let (angle, reach) = (0.8 * index as f32, size * chance.within(0.6, 1.2));
        (
            middle.0 + reach * angle.cos(),
            middle.1 + reach * angle.sin(),
        )
    };
    (0..8).map(&mut corner).collect()
}

fn map() -> Canvas {
    const LAND: [Color; 4] = [
        [0.8, 0.92, 0.69, 1.0],
        [0.68, 0.82, 0.62, 1.0],
        [0.67, 0.83, 0.87, 1.0],
        [0.88, 0.87, 0.87, 1.0],
    ];
    let mut canvas = Canvas::new(1400, 1000, |_, _| [0.95, 0.94, 0.91, 1.0]);
    let mut chance = Chance(8);
    for index in 0..25 {
        let (middle, size) = (chance.place(&canvas), chance.within(40.0, 150.0));
        canvas.polygon(&blot(&mut chance, middle, size), |_| {
            LAND[index % LAND.len()]
        });
    }
    for _ in 0..900 {
        let ((x, y), a, b) = (
            chance.place(&canvas),
            chance.within(4.0, 12.0),
            chance.within(4.0, 12.0),
        );
        let house = [
            (x - a, y - 0.2 * a),
            (x + 0.2 * b, y - b),
            (x + a, y + 0.2 * a),
            (x - 0.2 * b, y + b),
        ];
        canvas.polygon(&house, |_| [0.85, 0.82, 0.79, 1.0]);
        canvas.line(
            &[house[0], house[1], house[2], house[3], house[0]],
            0.7,
            [0.77, 0.71, 0.68, 1.0],
        );
    }
    for (roads, width, fill, edge) in [
        (60, 4.0, WHITE, gray(0.8)),
        (14, 8.0, [0.97, 0.98, 0.75, 1.0], gray(0.7)),
        (6, 12.0, [0.99, 0.84, 0.64, 1.0], gray(0.6)),
    ] {
        for _ in 0..roads {
            let (mut place, mut angle) = (chance.place(&canvas), [0.2, 1.8, 2.6][chance.below(3)]);
            let mut points = vec![place];
            for _ in 0..8 {
                angle += chance.within(-0.2, 0.2);
                place = (
                    place.0 + 120.0 * f32::cos(angle),
                    place.1 + 120.0 * f32::sin(angle),
                );
                points.push(place);
            }
            canvas.line(&points, width + 1.6, edge);
            canvas.line(&points, width, fill);
        }
    }
    for _ in 0..140 {
        let (place, size) = (chance.place(&canvas), chance.within(10.0, 20.0));
        canvas.text(place, size, &chance.words(2), gray(0.25));
    }
    canvas
}

/// A page of text under an uneven light, with a sensor's noise.
fn scan() -> Canvas {
    let mut canvas = Canvas::new(1654, 2339, |x, y| {
        gray(0.9 + 0.03 * (x / 900.0 + y / 1500.0).sin())
    });
    let mut chance = Chance(9);
    for line in 0..52 {
        let count = if line % 9 == 8 { 3 } else { 11 };
        canvas.text(
            (180.0, 200.0 + 38.0 * line as f32 + chance.part()),
            27.0,
            &chance.words(count),
            gray(0.2),
        );
    }
    for _ in 0..2 {
        canvas.blur();
    }
    let mut noise = || 0.018 * (chance.part() + chance.part() - 1.0);
    canvas.change(|sample| sample + noise());
    canvas
}

/// Panels of flat colours within black lines.
fn comic() -> Canvas {
    let mut canvas = Canvas::new(1200, 1700, |_, _| WHITE);
    let mut chance = Chance(10);
    for panel in 0..6 {
        let (x, y) = (
            30.0 + 580.0 * (panel % 2) as f32,
            30.0 + 555.0 * (panel / 2) as f32,
        );
        let ground = hue(chance.part(), 0.9);
        canvas.rectangle((x, y), (560.0, 530.0), ground);
        for _ in 0..14 {
            let middle = (
                x + chance.within(100.0, 460.0),
                y + chance.within(170.0, 430.0),
            );
            let size = chance.within(20.0, 80.0);
            let points = blot(&mut chance, middle, size);
            let color = hue(chance.part(), chance.within(0.5, 1.0));
            canvas.polygon(&points, |_| color);
            canvas.line(
                &[&points[..], &points[..1]].concat(),
                [3.0, 4.0, 6.0][panel % 3],
                gray(0.0),
            );
        }
        canvas.card((x + 20.0, y + 16.0), (300.0, 90.0), 45.0, |_| WHITE);
        canvas.text((x + 50.0, y + 34.0), 20.0, &chance.words(3), gray(0.0));
        canvas.text((x + 50.0, y + 66.0), 20.0, &chance.words(2), gray(0.0));
        let corners = [
            (x, y),
            (x + 560.0, y),
            (x + 560.0, y + 530.0),
            (x, y + 530.0),
            (x, y),
        ];
        canvas.line(&corners, 6.0, gray(0.0));
    }
    canvas
}
