use super::*;
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use lopdf::{Document, Object, Stream, dictionary};
use protocol::Epoch;
use std::fmt::Write as _;
use std::sync::Arc;
use storage::memory::MemoryStore;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A picture whose left half is white, with an Exif segment that says that it lies on its side, and where it was taken.
fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture =
        RgbImage::from_fn(width, height, |x, _| image::Rgb([if x < width / 2 { 255 } else { 0 }; 3]));
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
    // TIFF, little-endian: one entry, orientation (0x0112) 6; then words that nobody is to read.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"SECRET-PLACE");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let segment: Vec<u8> = [&[0xff, 0xe1][..], &length, &exif].concat();
    let rest = bytes.split_off(2);
    [bytes, segment, rest, b"SECRET-BEHIND-THE-END".to_vec()].concat()
}

fn pdf() -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let content = document.add_object(Stream::new(dictionary! {}, b"BT ET".to_vec()));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 100.into(), 100.into()],
        "AA" => dictionary! { "O" => dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("SECRET-SCRIPT") } },
    });
    document.objects.insert(
        pages,
        Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }),
    );
    let metadata =
        document.add_object(Stream::new(dictionary! { "Type" => "Metadata" }, b"SECRET-XMP".to_vec()));
    let action = document
        .add_object(dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("SECRET-ACTION") });
    let root = document.add_object(dictionary! {
        "Type" => "Catalog", "Pages" => pages, "Metadata" => metadata, "OpenAction" => action,
    });
    let info = document.add_object(dictionary! { "Author" => Object::string_literal("SECRET-AUTHOR") });
    document.trailer.set("Root", root);
    document.trailer.set("Info", info);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn says_secrets(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|window| window == b"SECRET")
}

#[test]
fn a_picture_is_the_right_way_up_and_says_nothing_but_the_picture() {
    let came = jpeg(64, 32);
    assert!(says_secrets(&came));
    let Cleaned { media, bytes } = clean(&came).unwrap();
    assert_eq!(media, Media::Jpeg);
    assert!(!says_secrets(&bytes) && !bytes.windows(4).any(|window| window == b"Exif"));
    let kept = image::load_from_memory(&bytes).unwrap().into_rgb8();
    assert_eq!(kept.dimensions(), (32, 64), "it lay on its side");
    assert!(kept.get_pixel(16, 8).0[0] > 200 && kept.get_pixel(16, 56).0[0] < 50);
}

#[test]
fn a_picture_that_is_larger_than_a_screen_is_made_smaller() {
    let kept = clean(&jpeg(4_000, 100)).unwrap();
    let kept = image::load_from_memory(&kept.bytes).unwrap();
    assert_eq!(kept.width().max(kept.height()), 2_048);
}

#[test]
fn a_file_says_neither_who_made_it_nor_does_it_do_anything() {
    let came = pdf();
    assert!(says_secrets(&came));
    let Cleaned { media, bytes } = clean(&came).unwrap();
    assert_eq!((media, says_secrets(&bytes)), (Media::Pdf, false));
    assert_eq!(Document::load_mem(&bytes).unwrap().get_pages().len(), 1);
}

#[test]
fn anything_else_and_what_is_damaged_or_too_large_is_refused() {
    let mut torn = jpeg(64, 32);
    torn.truncate(40);
    assert_eq!(clean(&torn), Err(InvalidAttachment::Damaged));
    let mut file = pdf();
    file.truncate(30);
    assert_eq!(clean(&file), Err(InvalidAttachment::Damaged));
    for bytes in [&b""[..], b"GIF89a", b"<svg onload=alert(1)>", b"MZ", b"PK\x03\x04"] {
        assert_eq!(clean(bytes), Err(InvalidAttachment::Kind));
    }
    assert_eq!(clean(&vec![0xff; ATTACHMENT_MAX_BYTES + 1]), Err(InvalidAttachment::TooLarge));
}

/// A file of one page, written by hand, with something in its page.
fn pdf_with(deep: &str) -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Deep {deep}>>"),
    ];
    let (mut file, mut table) = ("%PDF-1.4\n".to_owned(), "xref\n0 4\n0000000000 65535 f \n".to_owned());
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        writeln!(file, "{number} 0 obj\n{object}\nendobj").unwrap();
    }
    let at = file.len();
    format!("{file}{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").into_bytes()
}

#[test]
fn a_file_that_is_nested_without_end_ends_nobody() {
    for (open, close) in [("[", "]"), ("<</A ", ">>")] {
        let nested = |depth: usize| pdf_with(&format!("{}0{}", open.repeat(depth), close.repeat(depth)));
        assert!(clean(&nested(3)).is_ok());
        for depth in [50, 500, 5_000, 200_000] {
            let file = nested(depth);
            // Whatever comes of it, it is said, with the stack of the threads that clean.
            let cleaning =
                std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || clean(&file));
            cleaning.unwrap().join().unwrap().ok();
        }
    }
}

#[tokio::test]
async fn an_attachment_is_read_as_it_was_kept_and_until_its_time_is_over() {
    let store = MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap()));
    let bytes: Vec<u8> = (0..ATTACHMENT_MAX_BYTES).map(|n| n.to_le_bytes()[0]).collect();
    let cleaned = Cleaned { media: Media::Png, bytes };
    let ana = MemberId::parse("ana").unwrap();
    let (id, attachment) = keep(&store, &cleaned, &ana, NOW).await.unwrap();
    assert_eq!(AttachmentId::parse(id.as_str()), Ok(id.clone()));
    let found = read(&store, &id, NOW).await.unwrap();
    assert_eq!(found, Some((attachment, cleaned.bytes)));
    assert_eq!(read(&store, &id, NOW.after(ATTACHMENT_KEPT_FOR)).await, Ok(None));
}
