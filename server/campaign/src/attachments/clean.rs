//! A file of somebody's as it may be handed on.
//!
//! A picture is decoded and encoded anew, the right way up and no larger than a screen: where it was taken, by whom, and
//! whatever stands behind its end does not come along. A PDF file is read and written anew without what says who made it
//! with what, without scripts, and without what it would do or carry beside its pages.

use super::ATTACHMENT_MAX_BYTES;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use lopdf::{Dictionary, Document, Object};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::Cursor;

protocol::limits! {
    /// Widest and highest picture that is read; a larger one is refused before it is decoded.
    pub const PICTURE_MAX_SIDE_PIXELS: u32 = 8_192 => unseen;
    /// Most memory that decoding one picture may take; one that needs more is refused.
    pub const PICTURE_MAX_MEMORY_BYTES: u64 = 128 * 1024 * 1024 => unseen;
    /// Longer side of a picture as it is kept; a larger one is made smaller.
    pub const PICTURE_KEPT_SIDE_PIXELS: u32 = 2_048 => unseen;
}

/// As good as a phone shows.
const JPEG_QUALITY: u8 = 85;

/// What an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Media {
    /// A picture as JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// A file as PDF.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// A picture as PNG.
    #[serde(rename = "image/png")]
    Png,
}

impl Media {
    /// Its media type (RFC 6838).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
        }
    }
}

/// What may be handed on.
#[derive(Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// What it is.
    pub media: Media,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is in it is for those whom it is for.
impl fmt::Debug for Cleaned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cleaned({:?}, {} bytes)", self.media, self.bytes.len())
    }
}

/// Why a file cannot be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAttachment {
    /// It cannot be read.
    #[error("the file is damaged, or locked by a password")]
    Damaged,
    /// Something else.
    #[error("an attachment is a JPEG or PNG picture, or a PDF file")]
    Kind,
    /// Too large.
    #[error("an attachment has at most 2 MiB, and a picture at most 8192 pixels a side")]
    TooLarge,
}

/// Makes what may be handed on of what came; what it is its bytes say, not its name. Takes a while: not for a thread that
/// serves others.
pub fn clean(bytes: &[u8]) -> Result<Cleaned, InvalidAttachment> {
    if bytes.len() > ATTACHMENT_MAX_BYTES {
        return Err(InvalidAttachment::TooLarge);
    }
    let cleaned = if bytes.starts_with(b"\xff\xd8\xff") {
        Cleaned { media: Media::Jpeg, bytes: picture(bytes, ImageFormat::Jpeg)? }
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Cleaned { media: Media::Png, bytes: picture(bytes, ImageFormat::Png)? }
    } else if bytes.starts_with(b"%PDF-") {
        Cleaned { media: Media::Pdf, bytes: pdf(bytes)? }
    } else {
        return Err(InvalidAttachment::Kind);
    };
    if cleaned.bytes.len() > ATTACHMENT_MAX_BYTES { Err(InvalidAttachment::TooLarge) } else { Ok(cleaned) }
}

fn picture(bytes: &[u8], format: ImageFormat) -> Result<Vec<u8>, InvalidAttachment> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(PICTURE_MAX_SIDE_PIXELS);
    limits.max_image_height = Some(PICTURE_MAX_SIDE_PIXELS);
    limits.max_alloc = Some(PICTURE_MAX_MEMORY_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| unreadable(&error))?;
    let orientation = decoder.orientation().map_err(|error| unreadable(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| unreadable(&error))?;
    picture.apply_orientation(orientation);
    if picture.width().max(picture.height()) > PICTURE_KEPT_SIDE_PIXELS {
        picture = picture.thumbnail(PICTURE_KEPT_SIDE_PIXELS, PICTURE_KEPT_SIDE_PIXELS);
    }
    let mut kept = Cursor::new(Vec::new());
    if format == ImageFormat::Jpeg {
        let encoder = JpegEncoder::new_with_quality(&mut kept, JPEG_QUALITY);
        picture.into_rgb8().write_with_encoder(encoder).map_err(|error| unreadable(&error))?;
    } else {
        picture.write_to(&mut kept, format).map_err(|error| unreadable(&error))?;
    }
    Ok(kept.into_inner())
}

const fn unreadable(error: &image::ImageError) -> InvalidAttachment {
    if matches!(error, image::ImageError::Limits(_)) {
        InvalidAttachment::TooLarge
    } else {
        InvalidAttachment::Damaged
    }
}

/// What says who made a file, when and with what, and what is to happen when it is opened.
const UNASKED: [&[u8]; 9] = [
    b"AA",
    b"AF",
    b"EmbeddedFiles",
    b"JavaScript",
    b"LastModified",
    b"Metadata",
    b"OpenAction",
    b"PieceInfo",
    b"XFA",
];

fn pdf(bytes: &[u8]) -> Result<Vec<u8>, InvalidAttachment> {
    let mut document = Document::load_mem(bytes).map_err(|_| InvalidAttachment::Damaged)?;
    if document.is_encrypted() || document.get_pages().is_empty() {
        return Err(InvalidAttachment::Damaged);
    }
    for key in [b"Info".as_slice(), b"ID", b"Prev", b"XRefStm"] {
        document.trailer.remove(key);
    }
    for object in document.objects.values_mut() {
        forget(object);
    }
    document.prune_objects();
    document.renumber_objects();
    let mut kept = Vec::new();
    document.save_to(&mut kept).map_err(|_| InvalidAttachment::Damaged)?;
    Ok(kept)
}

/// Takes what is unasked out of an object and of what is in it.
fn forget(object: &mut Object) {
    match object {
        Object::Dictionary(dictionary) => forget_in(dictionary),
        Object::Stream(stream) => forget_in(&mut stream.dict),
        Object::Array(array) => array.iter_mut().for_each(forget),
        Object::Boolean(_)
        | Object::Integer(_)
        | Object::Name(_)
        | Object::Null
        | Object::Real(_)
        | Object::Reference(_)
        | Object::String(..) => {}
    }
}

fn forget_in(dictionary: &mut Dictionary) {
    for key in UNASKED {
        dictionary.remove(key);
    }
    let is_action = dictionary.get(b"S").and_then(Object::as_name).is_ok_and(|name| {
        matches!(name, b"JavaScript" | b"Launch" | b"ImportData" | b"SubmitForm" | b"Rendition" | b"Movie")
    });
    if is_action {
        *dictionary = Dictionary::new();
    }
    for (_, value) in dictionary.iter_mut() {
        forget(value);
    }
}
