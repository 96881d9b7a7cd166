//! Requests of which two readers may see different ends. Each is refused and ends its connection, or has one end
//! only; what hides in one is never answered as a request of its own.

use super::raw::{answers_to, refusal_of};
use crate::node::Start;

/// What an attacker hides; it would be answered with 404.
const HIDDEN: &str = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// What an honest proxy sends behind it on the same connection.
const NEXT: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A post with these headers, then these bytes.
fn post(headers: &str, after: &str) -> String {
    format!("POST /v1/session HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{after}")
}

/// A post in chunks, the body as it stands.
fn chunks(body: &str) -> String {
    post("Transfer-Encoding: chunked", body)
}

/// A request with this header line.
fn line(header: &str) -> String {
    format!("GET /health HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n{HIDDEN}")
}

/// Each is answered with 400 alone, and the connection is over.
fn assert_refused(cases: &[(&str, String)]) {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    for (name, bytes) in cases {
        let bytes = format!("{bytes}{NEXT}");
        assert_eq!(refusal_of(node.address, bytes.as_bytes()), [400], "{name}");
    }
}

#[test]
fn a_length_beside_chunks_is_refused() {
    let hidden_chunk = format!("{:x}\r\n{HIDDEN}\r\n0\r\n\r\n", HIDDEN.len());
    assert_refused(&[
        ("CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked", &format!("0\r\n\r\nG{HIDDEN}"))),
        ("TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4", &hidden_chunk)),
        ("TE.CL 0", post("Transfer-Encoding: chunked\r\nContent-Length: 0", &hidden_chunk)),
    ]);
}

#[test]
fn a_length_that_is_none_or_several_is_refused() {
    let length = |value: &str| post(&format!("Content-Length: {value}"), HIDDEN);
    assert_refused(&[
        ("two lengths", post("Content-Length: 0\r\nContent-Length: 44", HIDDEN)),
        ("the same length twice", post("Content-Length: 0\r\nContent-Length: 0", HIDDEN)),
        ("a list", length("0, 44")),
        ("a list of the same", length("0, 0")),
        ("plus", length("+0")),
        ("minus", length("-1")),
        ("minus nothing", length("-0")),
        ("a blank inside", length("0 44")),
        ("hexadecimal", length("0x0")),
        ("a point", length("0.0")),
        ("an exponent", length("0e1")),
        ("a word", length("zero")),
        ("nothing", length("")),
        ("an underscore", length("4_4")),
        ("digits of another script", length("\u{660}")),
        ("2^64", length("18446744073709551616")),
        ("2^64 - 1", length("18446744073709551615")),
        ("10 GB", length("10000000000")),
    ]);
}

#[test]
fn a_coding_that_is_not_plainly_chunked_is_refused() {
    let hidden_chunk = format!("{:x}\r\n{HIDDEN}\r\n0\r\n\r\n", HIDDEN.len());
    let coding = |value: &str| post(&format!("Transfer-Encoding:{value}"), &hidden_chunk);
    assert_refused(&[
        ("another coding", coding(" xchunked")),
        ("another word first", coding(" x chunked")),
        ("identity", coding(" identity")),
        ("chunked, identity", coding(" chunked, identity")),
        ("gzip, chunked", coding(" gzip, chunked")),
        ("chunked, chunked", coding(" chunked, chunked")),
        ("quotes", coding(" \"chunked\"")),
        ("a parameter", coding(" chunked;q=1")),
        ("a vertical tab", coding(" \u{b}chunked")),
        ("a bare return", coding(" \rchunked")),
        ("a NUL", coding(" chunked\0")),
        ("on the next line", coding("\r\n chunked")),
        ("on the next line with a tab", coding("\r\n\tchunked")),
        ("no coding", coding("")),
        ("chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", &hidden_chunk)),
        ("two codings", post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", &hidden_chunk)),
        ("a blank before the colon", post("Transfer-Encoding : chunked", &hidden_chunk)),
        ("a blank before the name", post(" Transfer-Encoding: chunked", &hidden_chunk)),
        ("HTTP/1.0", chunks(&hidden_chunk).replace("HTTP/1.1\r\nHost", "HTTP/1.0\r\nHost")),
    ]);
}

#[test]
fn a_chunk_that_is_not_framed_to_the_letter_is_refused() {
    assert_refused(&[
        ("0x", chunks("0x2\r\n{}\r\n0\r\n\r\n")),
        ("a plus", chunks("+2\r\n{}\r\n0\r\n\r\n")),
        ("a minus", chunks("-2\r\n{}\r\n0\r\n\r\n")),
        ("a blank first", chunks(" 2\r\n{}\r\n0\r\n\r\n")),
        ("no size", chunks("\r\n{}\r\n0\r\n\r\n")),
        ("a size that is none", chunks("g\r\n{}\r\n0\r\n\r\n")),
        ("a size over 64 bits", chunks("10000000000000002\r\n{}\r\n0\r\n\r\n")),
        ("a line feed alone behind a size", chunks("2\n{}\r\n0\r\n\r\n")),
        ("line feeds alone", chunks("2\n{}\n0\n\n")),
        ("a line feed alone behind a chunk", chunks("2\r\n{}\n0\r\n\r\n")),
        ("a line feed in an extension", chunks("2;a\nb\r\n{}\r\n0\r\n\r\n")),
        ("a chunk longer than its size", chunks("2\r\n{}XX\r\n0\r\n\r\n")),
    ]);
}

#[test]
fn a_header_line_that_is_none_is_refused() {
    assert_refused(&[
        ("a blank before a colon", line("X : a")),
        ("a folded line", line("X: a\r\n b")),
        ("no colon", line("Xa")),
        ("no name", line(": a")),
        ("a NUL in a value", line("X: a\0b")),
        ("a NUL in a name", line("X\0: a")),
        ("a bare return in a value", line("X: a\rb")),
        ("a bare return that ends a line", line("X: a\rContent-Length: 44")),
        ("a name with a bracket", line("X[: a")),
    ]);
}

#[test]
fn an_end_that_is_certain_is_the_end() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let hidden = HIDDEN.len();
    for (name, bytes) in [
        ("a body like a request", post(&format!("Content-Length: {hidden}"), HIDDEN)),
        ("a chunk like a request", chunks(&format!("{hidden:x}\r\n{HIDDEN}\r\n0\r\n\r\n"))),
        ("capital letters", post("TRANSFER-ENCODING: CHUNKED", "2\r\n{}\r\n0\r\n\r\n")),
        ("a tab before a coding", post("Transfer-Encoding:\tchunked", "2\r\n{}\r\n0\r\n\r\n")),
        ("blanks around a length", post("Content-Length:   2  ", "{}")),
        ("zeros before a length", post("Content-Length: 0002", "{}")),
        ("a name with an underscore", post("Transfer_Encoding: chunked\r\nContent-Length: 2", "{}")),
        ("zeros before a size", chunks(&format!("{}2\r\n{{}}\r\n0\r\n\r\n", "0".repeat(40)))),
        ("an extension", chunks("2;a=b\r\n{}\r\n0;c\r\n\r\n")),
        ("trailers", chunks("2\r\n{}\r\n0\r\nContent-Length: 44\r\nHost: x\r\n\r\n")),
        ("an upgrade to HTTP/2", post("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2", "{}")),
    ] {
        let bytes = format!("{bytes}{NEXT}");
        assert_eq!(answers_to(node.address, bytes.as_bytes()), [401, 200], "{name}");
    }
}

#[test]
fn a_bare_line_feed_ends_a_line_of_a_head_for_every_line_alike() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let bare = NEXT.replace("\r\n", "\n");
    let mixed = NEXT.replacen("\r\n", "\n", 1);
    assert_eq!(answers_to(node.address, format!("{bare}{mixed}{NEXT}").as_bytes()), [200, 200, 200]);
}

#[test]
fn a_body_where_it_means_nothing_is_refused_and_never_a_request() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let hidden = HIDDEN.len();
    for head in ["GET /health", "HEAD /health", "OPTIONS /", "GET /connection/websocket"] {
        let length =
            format!("{head} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {hidden}\r\n\r\n{HIDDEN}");
        assert_eq!(refusal_of(node.address, length.as_bytes()), [400], "a length: {head}");
        let chunks = format!(
            "{head} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{hidden:x}\r\n{HIDDEN}\r\n0\r\n\r\n"
        );
        assert_eq!(refusal_of(node.address, chunks.as_bytes()), [400], "chunks: {head}");
    }
}

#[test]
fn a_connection_that_is_to_be_closed_answers_nothing_more() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let close = format!("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n{HIDDEN}");
    assert_eq!(refusal_of(node.address, close.as_bytes()), [200]);
    let old = format!("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n{HIDDEN}");
    assert_eq!(refusal_of(node.address, old.as_bytes()), [200]);
    let refused = format!("GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{{}}{HIDDEN}");
    assert_eq!(refusal_of(node.address, refused.as_bytes()), [400]);
}
