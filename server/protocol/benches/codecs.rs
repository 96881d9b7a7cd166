//! What reading a command and writing a push cost, in both encodings.
#![expect(clippy::unwrap_used, reason = "a benchmark stops where a test would")]

use criterion::{BenchmarkId, Criterion, Throughput};
use protocol::frame_guard::{FrameGuard, MessageBounds};
use protocol::limits::{FRAGMENTS_PER_MESSAGE_MAX, FRAME_MAX_BYTES};
use protocol::{
    ChannelName, ClientId, ClientInfo, Encoding, MemberId, Offset, Payload, Publication, Push, Timestamp,
};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

const ENCODINGS: [(Encoding, &str); 2] = [(Encoding::Json, "json"), (Encoding::Protobuf, "protobuf")];
const SIZES_BYTES: [usize; 3] = [128, 2 * 1024, 32 * 1024];

/// A bulletin of about so many bytes, as the web client writes it.
fn bulletin(bytes: usize) -> String {
    let words = "Doors at six, bring a friend and a coat. ".chars().cycle();
    let text: String = words.take(bytes.saturating_sub(74)).collect();
    format!(r#"{{"id":"0b7e6a52-3c1f-4a58-9d0e-7f3b2a1c5d4e","texts":{{"en":"{text}"}},"kind":"n"}}"#)
}

/// A field of bytes as Protobuf writes it.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    varint(bytes.len(), &mut out);
    out.extend(bytes);
    out
}

fn varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
}

/// A command with an id and one request, behind its length.
fn protobuf(request: u8, fields: &[Vec<u8>]) -> Vec<u8> {
    let command = [vec![0x08, 9], field(request, &fields.concat())].concat();
    let mut out = Vec::new();
    varint(command.len(), &mut out);
    out.extend(command);
    out
}

/// Frames as the SDKs send them: a name, the JSON form, the Protobuf form.
fn frames() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9.".to_owned() + &"c".repeat(380);
    let subscribe =
        r#"{"subscribe":{"channel":"bulletins:all","recover":true,"offset":1234,"epoch":"e1"},"id":9}"#;
    let place = [field(1, b"bulletins:all"), vec![0x18, 1], field(6, b"e1"), vec![0x38, 0xd2, 0x09]];
    let mut all = vec![
        (
            "connect".to_owned(),
            format!(r#"{{"connect":{{"token":"{token}","name":"js"}},"id":1}}"#).into_bytes(),
            protobuf(4, &[field(1, token.as_bytes()), field(4, b"js")]),
        ),
        ("subscribe".to_owned(), subscribe.into(), protobuf(5, &place)),
        ("16 subscribes".to_owned(), [subscribe; 16].join("\n").into(), protobuf(5, &place).repeat(16)),
        ("pong".to_owned(), b"{}".to_vec(), vec![0]),
    ];
    for bytes in SIZES_BYTES {
        // With what is around it in an rpc, the largest bulletin would be too large.
        let data = bulletin(bytes - 100);
        let argument = format!(r#"{{"channel":"bulletins:all","data":{data}}}"#);
        all.push((
            format!("publish by rpc, {bytes} B"),
            format!(r#"{{"rpc":{{"method":"publish","data":{argument}}},"id":9}}"#).into_bytes(),
            protobuf(13, &[field(1, argument.as_bytes()), field(2, b"publish")]),
        ));
    }
    all
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    for (name, json, protobuf) in frames() {
        for (encoding, frame) in [(Encoding::Json, json), (Encoding::Protobuf, protobuf)] {
            let (_, in_which) = ENCODINGS.into_iter().find(|(known, _)| *known == encoding).unwrap();
            assert!(encoding.decode_commands(&frame).is_ok(), "{name}");
            group.throughput(Throughput::Bytes(u64::try_from(frame.len()).unwrap()));
            group.bench_function(BenchmarkId::new(&name, in_which), |bencher| {
                bencher.iter(|| encoding.decode_commands(black_box(&frame)));
            });
        }
    }
    group.finish();
}

fn push(bytes: usize) -> Push {
    let info = ClientInfo {
        user: MemberId::parse("m_4f1c2b7a90").unwrap(),
        client: ClientId::new("b7a904f1-c2b7-4a90-8d3e-5f6071829304"),
    };
    let publication = Publication {
        data: Payload::parse(bulletin(bytes).as_bytes()).unwrap(),
        info: Some(info),
        offset: Offset::new(1_234),
        time: Timestamp::from_millis(1_800_000_000_000),
        key: None,
    };
    Push::Publication(ChannelName::bulletins_all(), Arc::new(publication))
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode a push");
    for bytes in SIZES_BYTES {
        let push = push(bytes);
        group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap()));
        for (encoding, name) in ENCODINGS {
            group.bench_function(BenchmarkId::new(name, bytes), |bencher| {
                bencher.iter(|| encoding.encode_push(black_box(&push)));
            });
        }
    }
    group.finish();
}

fn join(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("join frames of 128 B");
    for count in [1, 16, 128] {
        group.throughput(Throughput::Elements(u64::try_from(count).unwrap()));
        for (encoding, name) in ENCODINGS {
            let frames = vec![encoding.encode_push(&push(128)); count];
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| encoding.join(black_box(&frames)));
            });
        }
    }
    group.finish();
}

fn payload(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("take a payload");
    for bytes in SIZES_BYTES {
        let text = bulletin(bytes);
        group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap()));
        group.bench_function(BenchmarkId::from_parameter(bytes), |bencher| {
            bencher.iter(|| Payload::from_client(black_box(text.as_bytes())).unwrap());
        });
    }
    group.finish();
}

/// A text frame as a client sends it: masked.
fn text_frame(bytes: usize) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let text = bulletin(bytes);
    let length = u64::try_from(text.len()).unwrap().to_be_bytes();
    let payload = text.bytes().zip(mask.into_iter().cycle()).map(|(byte, mask)| byte ^ mask);
    [0x81, 0xff].into_iter().chain(length).chain(mask).chain(payload).collect()
}

fn guard(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("guard a text frame");
    let bounds = MessageBounds {
        max_bytes: u64::try_from(FRAME_MAX_BYTES).unwrap(),
        max_fragments: FRAGMENTS_PER_MESSAGE_MAX,
    };
    for bytes in SIZES_BYTES {
        let frame = text_frame(bytes);
        let mut guard = FrameGuard::new(bounds);
        group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap()));
        group.bench_function(BenchmarkId::from_parameter(bytes), |bencher| {
            bencher.iter(|| guard.look(black_box(&frame)).unwrap());
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50)
        .configure_from_args();
    decode(&mut criterion);
    encode(&mut criterion);
    join(&mut criterion);
    payload(&mut criterion);
    guard(&mut criterion);
    criterion.final_summary();
}
