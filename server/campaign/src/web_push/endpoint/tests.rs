use super::*;
use proptest::prelude::*;

#[test]
fn addresses_as_browsers_write_them_are_taken() {
    for text in [
        "https://fcm.googleapis.com/fcm/send/c0ffee:APA91bF-x_y",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk",
        "https://web.push.apple.com/QGuQyavXutnMH9Ccf",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAC%3d%3d",
    ] {
        assert_eq!(Endpoint::parse(text, &PushHosts::known()).unwrap().reveal().as_str(), text);
    }
}

#[test]
fn what_leads_elsewhere_is_refused() {
    use EndpointRefused::{Form, Host, Scheme};
    let long = format!("https://fcm.googleapis.com/{}", "a".repeat(ENDPOINT_MAX_BYTES));
    for (text, refusal) in [
        ("", Form),
        ("fcm.googleapis.com", Form),
        (&long, Form),
        // Not https, not the usual port, somebody named.
        ("http://fcm.googleapis.com/x", Scheme),
        ("ftp://fcm.googleapis.com/x", Scheme),
        ("file:///etc/passwd", Scheme),
        ("gopher://fcm.googleapis.com/x", Scheme),
        ("javascript:alert(1)", Scheme),
        ("https://fcm.googleapis.com:8443/x", Scheme),
        ("https://fcm.googleapis.com:443/x", Form),
        ("https://user@fcm.googleapis.com/x", Scheme),
        ("https://user:pw@fcm.googleapis.com/x", Scheme),
        ("https://@fcm.googleapis.com/x", Form),
        // Addresses, however they are written.
        ("https://127.0.0.1/x", Host),
        ("https://2130706433/x", Form),
        ("https://0x7f000001/x", Form),
        ("https://0x7f.1/x", Form),
        ("https://0177.0.0.1/x", Form),
        ("https://127.1/x", Form),
        ("https://0/x", Form),
        ("https://169.254.169.254/latest/meta-data/", Host),
        ("https://[::1]/x", Host),
        ("https://[::ffff:127.0.0.1]/x", Form),
        ("https://[::ffff:7f00:1]/x", Host),
        ("https://[fd00::1]/x", Host),
        ("https://8.8.8.8/x", Host),
        // Names that look like one.
        ("https://localhost/x", Host),
        ("https://fcm.googleapis.com./x", Host),
        ("https://fcm.googleapis.com.evil.example/x", Host),
        ("https://evilfcm.googleapis.com/x", Host),
        ("https://push.apple.com/x", Host),
        ("https://.push.apple.com/x", Host),
        ("https://evilpush.apple.com/x", Host),
        ("https://web.push.apple.com.evil.example/x", Host),
        ("https://metadata.google.internal/x", Host),
        ("https://fcm.googleapis.com\\@evil.example/x", Form),
        ("https://evil.example#fcm.googleapis.com/", Form),
        ("https://fcm.googleapis.com/x#y", Form),
        ("https://evil.example?fcm.googleapis.com/", Form),
        ("https://FCM.googleapis.com/x", Form),
        ("https://fcm.googleapis.com", Form),
        ("https://fcm。googleapis.com/x", Form),
        ("https://fcm.google%61pis.com/x", Form),
        (" https://fcm.googleapis.com/x", Form),
        ("https://fcm.googleapis.com/x\n", Form),
        ("https://fcm.\tgoogleapis.com/x", Form),
        ("https:/fcm.googleapis.com/x", Form),
        ("https://fcm.googleapis.com/a/../x", Form),
        // On this machine, unless a test says so.
        ("http://127.0.0.1:9/x", Scheme),
    ] {
        assert_eq!(Endpoint::parse(text, &PushHosts::known()).err(), Some(refusal), "{text:?}");
    }
}

#[test]
fn this_machine_is_for_tests_alone_and_then_only_as_loopback() {
    let local = PushHosts::new(Vec::new(), true).unwrap();
    assert!(Endpoint::parse("http://127.0.0.1:9000/x", &local).unwrap().is_local());
    for text in [
        "http://127.0.0.2:9000/x",
        "http://localhost:9000/x",
        "http://a@127.0.0.1:9000/x",
        "http://10.0.0.1:80/x",
    ] {
        assert!(Endpoint::parse(text, &local).is_err(), "{text}");
    }
}

#[test]
fn an_address_at_a_service_that_is_not_used_any_more_is_not_connected_to() {
    let endpoint = Endpoint::parse("https://fcm.googleapis.com/x", &PushHosts::known()).unwrap();
    let others = PushHosts::new(vec!["push.example.org".to_owned()], false).unwrap();
    assert!(endpoint.is_allowed(&PushHosts::known()) && !endpoint.is_allowed(&others));
    assert_eq!(endpoint.origin(), "https://fcm.googleapis.com");
    assert_eq!(endpoint.host(), Some(("fcm.googleapis.com", 443)));
    assert_eq!(format!("{endpoint:?}"), "Endpoint(…)");
}

#[test]
fn what_is_no_name_of_a_host_is_refused() {
    for name in [
        "",
        "*",
        "*.",
        "com",
        "*.com",
        "https://a.example",
        "a.example:80",
        "a..example",
        "A.example",
        "*.*.example",
        "127.0.0.1/8",
    ] {
        assert_eq!(PushHosts::new(vec![name.to_owned()], false), Err(InvalidHost), "{name:?}");
    }
}

#[test]
fn only_addresses_of_the_public_internet_are_connected_to() {
    for address in
        ["8.8.8.8", "142.250.187.202", "17.253.144.10", "2a00:1450:4009:81f::200a", "2606:4700::6810:84e5"]
    {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "168.63.129.16",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
    ] {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
}

/// What makes addresses of other places look like those of a push service, and what is harmless.
const PIECES: [&str; 24] = [
    "https://",
    "http://",
    "fcm.googleapis.com",
    ".push.apple.com",
    "web",
    "evil.example",
    "@",
    ":",
    "443",
    "8443",
    "/",
    "\\",
    "#",
    "?",
    "%2f",
    "..",
    "127.0.0.1",
    "[::1]",
    "\t",
    "\u{3002}",
    "x",
    "-",
    "0x7f",
    "\u{ad}",
];

proptest! {
    #[test]
    fn whatever_is_taken_is_https_at_a_known_push_service_however_it_is_written(
        text in prop_oneof![
            ".{0,80}",
            proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..10).prop_map(|pieces| pieces.concat()),
        ],
    ) {
        if let Ok(endpoint) = Endpoint::parse(&text, &PushHosts::known()) {
            let host = text.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap();
            prop_assert_eq!(endpoint.host(), Some((host, 443)));
            prop_assert!(PushHosts::known().have(host), "{}", host);
        }
    }
}
