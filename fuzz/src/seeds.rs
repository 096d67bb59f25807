//! Writes the seeds that fuzzing starts from: `cargo run --bin seeds` in this folder.

#[path = "../../tests/pictures/mod.rs"]
mod pictures;

use std::{error::Error, fs, path::Path};

use pictures::{Exif, Jpeg, Png};

fn main() -> Result<(), Box<dyn Error>> {
    let profile = moxcms::ColorProfile::new_display_p3().encode()?;
    let jpegs = [
        Jpeg::photo(40, 30).orientation(6).profile(&profile).encode(),
        Jpeg::photo(70, 50).progressive().encode(),
        Jpeg::photo(33, 17).restart_interval(1).bare().encode(),
        Jpeg::gray(40, 30).progressive().encode(),
        Jpeg::cmyk(24, 24, true).encode(),
        Jpeg::cmyk(24, 24, false).encode(),
        Jpeg::untransformed_rgb(24, 24).encode(),
        Jpeg::photo(16, 16).metadata().encode(),
    ];
    let pngs = [
        Png::new(40, 30, 6, 8).chunk(b"eXIf", &Exif::orientation(8).tiff()).profile(&profile).encode(),
        Png::new(40, 30, 2, 16).interlaced().chunk(b"tRNS", &[0; 6]).encode(),
        Png::new(40, 30, 3, 2).chunk(b"tRNS", &[1, 2, 3]).encode(),
        Png::new(40, 30, 0, 1).chunk(b"gAMA", &100_000_u32.to_be_bytes()).encode(),
        Png::new(40, 30, 4, 16).chunk(b"cICP", &[9, 16, 0, 1]).encode(),
    ];
    let pictures: Vec<&Vec<u8>> = jpegs.iter().chain(&pngs).collect();
    write("probe", &pictures)?;
    write("render", &pictures)?;
    write("decode", &jpegs.iter().collect::<Vec<_>>())?;
    let blocks: Vec<_> = (1..=8).map(|orientation| Exif::orientation(orientation).tiff()).collect();
    write("exif", &blocks.iter().collect::<Vec<_>>())?;
    let forms: Vec<_> = pngs.iter().map(|png| form(png)).collect();
    write("form", &forms.iter().collect::<Vec<_>>())
}

/// A form in pieces of 64 bytes.
fn form(picture: &[u8]) -> Vec<u8> {
    let mut form = vec![64];
    form.extend(b"--fuzz\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n");
    form.extend(picture);
    form.extend(b"\r\n--fuzz\r\nContent-Disposition: form-data; name=\"expiring_time_seconds\"\r\n\r\n300\r\n--fuzz--\r\n");
    form
}

fn write(target: &str, seeds: &[&Vec<u8>]) -> Result<(), Box<dyn Error>> {
    let folder = Path::new("corpus").join(target);
    fs::create_dir_all(&folder)?;
    for (index, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{index}")), seed)?;
    }
    Ok(())
}
