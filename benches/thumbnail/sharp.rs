//! The same thumbnails by sharp: `benches/upload/node/thumbnails.mjs`.

use std::{path::Path, process::Command};

/// The CPU time in milliseconds that a file's thumbnails take, and their bytes; `None` where sharp is not installed.
pub fn thumbnails(file: &Path, heights: &[u32], times: usize) -> Option<(f64, usize)> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/upload/node");
    if !home.join("node_modules").exists() {
        return None;
    }
    let heights: Vec<String> = heights.iter().map(u32::to_string).collect();
    let output = Command::new("node")
        .arg(home.join("thumbnails.mjs"))
        .arg(file)
        .args([heights.join(","), times.to_string()])
        .output()
        .ok()?;
    let told = String::from_utf8(output.stdout).ok()?;
    let (time, bytes) = told.trim().split_once(' ')?;
    Some((time.parse().ok()?, bytes.parse().ok()?))
}
