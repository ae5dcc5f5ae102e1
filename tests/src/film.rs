//! A film of a QR code, for a browser's camera (`.y4m`).

use std::io::Write as _;
use std::path::Path;

use qrcode::{Color, QrCode};

use crate::programs::Failure;

const WIDTH: usize = 640;
const HEIGHT: usize = 480;
/// Pictures in a film. The camera begins again at its end.
const PICTURES: usize = 10;

/// Films a QR code of this text, in grey, noisy, 640 × 480. It fills most of the height.
///
/// # Errors
/// When the text is too long for a code, or the file cannot be written.
pub fn film(file: &Path, text: &str) -> Result<(), Failure> {
    film_from(file, text, 80)
}

/// The same from as far away as this: the code and its quiet zone fill so many percent of the height.
///
/// # Errors
/// As [`film`].
pub fn film_from(file: &Path, text: &str, percent: usize) -> Result<(), Failure> {
    let code = QrCode::new(text).map_err(|error| error.to_string())?;
    let (modules, size) = (code.to_colors(), code.width());
    let module = HEIGHT * percent / 100 / (size + 8);
    let (left, top) = ((WIDTH - module * size) / 2, (HEIGHT - module * size) / 2);
    let mut noise = 1_u32;
    let picture: Vec<u8> = (0..HEIGHT * WIDTH)
        .map(|at| {
            let (x, y) = ((at % WIDTH).checked_sub(left), (at / WIDTH).checked_sub(top));
            let dark = |x: usize, y: usize| {
                let (column, row) = (x / module, y / module);
                column < size
                    && row < size
                    && modules.get(row * size + column).is_some_and(|color| *color == Color::Dark)
            };
            let grey = if matches!((x, y), (Some(x), Some(y)) if dark(x, y)) { 50 } else { 205 };
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            grey + u8::try_from(noise >> 27).unwrap_or_default()
        })
        .collect();
    let mut film = format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n").into_bytes();
    for _ in 0..PICTURES {
        film.write_all(b"FRAME\n").map_err(|error| error.to_string())?;
        film.write_all(&picture).map_err(|error| error.to_string())?;
        film.resize(film.len() + WIDTH * HEIGHT / 2, 128);
    }
    std::fs::write(file, film).map_err(|error| error.to_string())
}
