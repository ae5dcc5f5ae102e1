//! QR codes, as pages and terminals show them. Belongs here: drawing. Does not belong here: what is in one.

use std::time::Duration;

use qrcode::QrCode;
use qrcode::render::svg::Color;
use qrcode::render::unicode::Dense1x2;

use crate::wire::{Confirmation, MovingQr};

/// The text as a QR code in SVG: black on white with a quiet zone. `None` if it is longer than a QR code can hold.
pub(crate) fn svg(text: &str, size: u32) -> Option<String> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let (dark, light) = (Color("#000000"), Color("#ffffff"));
    Some(code.render().min_dimensions(size, size).dark_color(dark).light_color(light).build())
}

/// The text as a QR code of half-block characters, for dark terminals, where blocks are light.
pub(crate) fn terminal(text: &str) -> Option<String> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let (block, space) = (Dense1x2::Light, Dense1x2::Dark);
    Some(code.render().dark_color(block).light_color(space).build())
}

impl Confirmation {
    /// The link to scan, as a QR code in SVG: black on white with a quiet zone, at least `size` pixels wide and high. `None` if the
    /// link is longer than a QR code can hold (about 2,900 characters).
    #[must_use]
    pub fn qr_svg(&self, size: u32) -> Option<String> {
        svg(self.scan_url.expose(), size)
    }

    /// The same of half-block characters for a terminal, drawn for dark ones, where blocks are light.
    #[must_use]
    pub fn qr_terminal(&self) -> Option<String> {
        terminal(self.scan_url.expose())
    }
}

impl MovingQr {
    /// The QR code in SVG that is to be shown when the service's answer came so long ago: black on white with a quiet zone, at least `size` pixels
    /// wide and high. `None` if the link is longer than a QR code can hold (about 2,900 characters).
    #[must_use]
    pub fn qr_svg(&self, elapsed: Duration, size: u32) -> Option<String> {
        svg(self.scan_url(elapsed).expose(), size)
    }

    /// The same of half-block characters for a terminal, drawn for dark ones, where blocks are light.
    #[must_use]
    pub fn qr_terminal(&self, elapsed: Duration) -> Option<String> {
        terminal(self.scan_url(elapsed).expose())
    }
}
