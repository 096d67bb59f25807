//! Writes the seeds that fuzzing starts from: `cargo run --bin seeds` in this folder.

#[path = "../../tests/pictures/mod.rs"]
mod pictures;

use std::{error::Error, fs, path::Path};

use pictures::Exif;

fn main() -> Result<(), Box<dyn Error>> {
    let profile = moxcms::ColorProfile::new_display_p3().encode()?;
    let seeds = pictures::seeds(&profile);
    let all: Vec<&Vec<u8>> = seeds.iter().collect();
    let (jpegs, pngs): (Vec<_>, Vec<_>) = all.iter().partition(|seed| seed.starts_with(b"\xFF\xD8"));
    write("probe", &all)?;
    write("render", &all)?;
    write("location", &all)?;
    write("decode", &jpegs)?;
    let blocks: Vec<_> = (1..=8).map(|orientation| Exif::orientation(orientation).tiff()).collect();
    write("exif", &blocks.iter().collect::<Vec<_>>())?;
    let forms: Vec<_> = pngs.into_iter().map(|png| form(png)).collect();
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
