//! The size of a picture, and of its thumbnails.

/// Width and height in pixels, as a person sees the picture (orientation applied). Neither is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dimensions {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Dimensions {
    /// The size of this picture's thumbnail of height `wanted`: the height exactly, the width
    /// `max(1, round(W·H/h))` with halves rounded up. A picture that is no higher keeps its size.
    pub fn thumbnail(self, wanted: u32) -> Self {
        if self.height <= wanted {
            return self;
        }
        let (w, h, wanted_64) = (
            u64::from(self.width),
            u64::from(self.height),
            u64::from(wanted),
        );
        let width = ((2 * w * wanted_64 + h) / (2 * h)).max(1);
        Self {
            // `wanted < height`, so the quotient is at most `w`, which is a u32.
            width: u32::try_from(width).unwrap_or(u32::MAX),
            height: wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thumbnail(width: u32, height: u32, wanted: u32) -> (u32, u32) {
        let size = Dimensions { width, height }.thumbnail(wanted);
        (size.width, size.height)
    }

    #[test]
    fn a_width_is_rounded_to_the_nearest_pixel_with_halves_up() {
        assert_eq!(thumbnail(4000, 3000, 200), (267, 200));
        assert_eq!(thumbnail(4000, 3000, 400), (533, 400));
        assert_eq!(thumbnail(5, 1000, 100), (1, 100)); // 0.5
        assert_eq!(thumbnail(25, 1000, 100), (3, 100)); // 2.5
    }

    #[test]
    fn a_width_is_never_zero() {
        assert_eq!(thumbnail(1, 3000, 200), (1, 200));
    }

    #[test]
    fn a_picture_that_is_no_higher_keeps_its_size() {
        assert_eq!(thumbnail(10_000, 200, 200), (10_000, 200));
        assert_eq!(thumbnail(1, 1, 1000), (1, 1));
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        assert_eq!(thumbnail(u32::MAX, u32::MAX, 1000), (1000, 1000));
        assert_eq!(thumbnail(u32::MAX, 2, 1), (2_147_483_648, 1));
    }
}
