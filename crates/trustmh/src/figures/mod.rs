//! Charts as files: SVG, and PNG where letters can be drawn.

mod png;

use std::io::Write;
use std::path::Path;

use trustmh_report::figure::Figure;

use crate::failure::Failure;
use crate::{atomic_file, screen};

/// Writes every chart into `folder`, which is made if it is missing.
pub(crate) fn write(folder: &Path, figures: &[Figure]) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::io(folder, "creating", &error))?;
    let painter = png::Painter::new();
    let mut without: Vec<(&str, png::Fault)> = Vec::new();
    for figure in figures {
        let path = |ending: &str| folder.join(format!("{}.{ending}", figure.name));
        save(&path("svg"), figure.svg.as_bytes())?;
        match painter.png(&figure.svg) {
            Ok(bytes) => save(&path("png"), &bytes)?,
            Err(fault) => without.push((&figure.name, fault)),
        }
    }
    let folder = folder.display();
    screen::note(&match without.first() {
        None => format!("written: {} charts as SVG and PNG in {folder}", figures.len()),
        Some((name, fault)) => format!(
            "written: {} charts as SVG in {folder}; {} without PNG, first {name}: {fault}; elsewhere `rsvg-convert {name}.svg -o {name}.png` \
             makes one",
            figures.len(),
            without.len()
        ),
    });
    Ok(())
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    atomic_file::write(path, |out| Ok(out.write_all(bytes)?))
}
