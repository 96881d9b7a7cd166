use super::manifest::MANIFEST_KEYS_MAX;
use super::*;
use proptest::prelude::*;
use protocol::{ChannelName, Role, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn root() -> SigningKey {
    SigningKey::from_seed([1; 32]).unwrap()
}

fn ana() -> SigningKey {
    SigningKey::from_seed([2; 32]).unwrap()
}

fn entry(key: &SigningKey, roles: &[Role]) -> KeyEntry {
    KeyEntry {
        key: key.public(),
        name: "Ana Lewis".to_owned(),
        roles: roles.iter().copied().collect(),
        regions: None,
        from: NOW,
        until: None,
        revoked_at: None,
    }
}

fn with(entries: Vec<KeyEntry>) -> Draft {
    let mut draft = Draft::first(root().public(), true, NOW);
    draft.keys = entries;
    draft
}

fn manifest(entry: KeyEntry) -> Manifest {
    with(vec![entry]).signed(&root()).unwrap().verify().unwrap()
}

fn all() -> Vec<ChannelName> {
    vec![ChannelName::bulletins_all()]
}

#[test]
fn anything_but_a_manifest_of_the_root_that_it_names_is_refused() {
    let good = with(vec![entry(&ana(), &[Role::Sender])]).signed(&root()).unwrap();
    assert!(good.verify().is_ok());
    let changed = SignedManifest { manifest: good.manifest.replace("Ana", "Eve"), ..good.clone() };
    assert_eq!(changed.verify(), Err(InvalidManifest::Signature));
    let of_another = ana().sign(Purpose::Manifest, &good.manifest).signature;
    let other = SignedManifest { signature: of_another, ..good.clone() };
    assert_eq!(other.verify(), Err(InvalidManifest::Signature));
    let for_a_bulletin = root().sign(Purpose::Bulletin, &good.manifest).signature;
    let purpose = SignedManifest { signature: for_a_bulletin, ..good.clone() };
    assert_eq!(purpose.verify(), Err(InvalidManifest::Signature));
    for (from, to, why) in [
        ("\"v\":1", "\"v\":2", InvalidManifest::Malformed),
        ("\"v\":1", "\"v\":1,\"x\":1", InvalidManifest::Malformed),
        ("\"serial\":1", "\"serial\":0", InvalidManifest::Serial),
        ("\"serial\":1", "\"serial\":-1", InvalidManifest::Malformed),
        ("\"sender\"", "\"admin\"", InvalidManifest::Roles),
        ("\"sender\"", "\"king\"", InvalidManifest::Malformed),
        ("Ana Lewis", "Ana\\u202eLewis", InvalidManifest::Name),
        ("Ana Lewis", "", InvalidManifest::Name),
        ("\"from\":", "\"until\":1,\"from\":", InvalidManifest::Times),
        ("\"from\":", "\"regions\":[],\"from\":", InvalidManifest::Regions),
        ("\"from\":", "\"regions\":[\"a b\"],\"from\":", InvalidManifest::Regions),
    ] {
        let manifest = good.manifest.replacen(from, to, 1);
        assert_ne!(manifest, good.manifest, "{from}");
        let signature = root().sign(Purpose::Manifest, &manifest).signature;
        assert_eq!(SignedManifest { manifest, signature }.verify(), Err(why), "{to}");
    }
}

#[test]
fn a_manifest_has_each_key_once_and_never_the_roots() {
    let twice = with(vec![entry(&ana(), &[Role::Sender]), entry(&ana(), &[Role::Approver])]);
    assert_eq!(twice.signed(&root()), Err(InvalidManifest::Keys));
    assert_eq!(with(vec![entry(&root(), &[Role::Sender])]).signed(&root()), Err(InvalidManifest::Keys));
    let seeds = (0..=MANIFEST_KEYS_MAX).map(|n| u8::try_from(n).unwrap());
    let many = seeds.map(|n| entry(&SigningKey::from_seed([n; 32]).unwrap(), &[Role::Sender]));
    let many: Vec<KeyEntry> = many.filter(|entry| entry.key != root().public()).collect();
    assert!(with(many[1..].to_vec()).signed(&root()).is_ok());
    let full = [many, vec![entry(&SigningKey::from_seed([251; 32]).unwrap(), &[Role::Sender])]].concat();
    assert_eq!(with(full).signed(&root()), Err(InvalidManifest::Keys));
    let large = SignedManifest {
        manifest: " ".repeat(manifest::MANIFEST_MAX_BYTES + 1),
        signature: Signature([0; 64]),
    };
    assert_eq!(large.verify(), Err(InvalidManifest::TooLarge));
}

#[test]
fn only_the_root_signs_its_manifests() {
    assert_eq!(with(Vec::new()).signed(&ana()), Err(InvalidManifest::Signature));
}

#[test]
fn a_signature_is_known_by_its_key_for_its_text_alone() {
    let known = manifest(entry(&ana(), &[Role::Sender]));
    let refused = |by: &KeySignature, text| known.signer(by, text).err();
    let signature = ana().sign(Purpose::Bulletin, "{}");
    assert_eq!(refused(&signature, "{}"), None);
    assert_eq!(refused(&signature, "{ }"), Some(Refusal::Signature));
    assert_eq!(refused(&ana().sign(Purpose::Manifest, "{}"), "{}"), Some(Refusal::Signature));
    let stranger = SigningKey::from_seed([3; 32]).unwrap().sign(Purpose::Bulletin, "{}");
    assert_eq!(refused(&stranger, "{}"), Some(Refusal::UnknownKey));
    let borrowed = KeySignature { key: ana().public(), ..stranger };
    assert_eq!(refused(&borrowed, "{}"), Some(Refusal::Signature));
}

#[test]
fn a_key_is_good_in_its_time_and_until_it_is_revoked() {
    let later = |seconds: u64| Timestamp::from_millis(NOW.as_millis() + seconds * 1_000);
    let good = KeyEntry { until: Some(later(20)), ..entry(&ana(), &[Role::Sender]) };
    let at = |entry: &KeyEntry, at| entry.may(Role::Sender, &all(), at).err();
    assert_eq!(at(&good, Timestamp::from_millis(1)), Some(Refusal::ExpiredKey));
    assert_eq!((at(&good, NOW), at(&good, later(19))), (None, None));
    assert_eq!(at(&good, later(20)), Some(Refusal::ExpiredKey));
    let revoked = KeyEntry { revoked_at: Some(later(10)), ..good };
    assert_eq!(at(&revoked, later(9)), None);
    assert_eq!(at(&revoked, later(10)), Some(Refusal::RevokedKey));
    assert_eq!(revoked.may(Role::Approver, &all(), NOW), Err(Refusal::WrongRole));
}

#[test]
fn a_key_for_regions_signs_for_nothing_else() {
    let north = KeyEntry { regions: Some(["north".to_owned()].into()), ..entry(&ana(), &[Role::Sender]) };
    let by = |channels: &[ChannelName]| north.may(Role::Sender, channels, NOW).err();
    let region = |name| ChannelName::region(name).unwrap();
    assert_eq!(by(&[region("north")]), None);
    for channels in [
        vec![region("south")],
        vec![region("north"), region("south")],
        all(),
        vec![ChannelName::team("north").unwrap()],
        Vec::new(),
    ] {
        assert_eq!(by(&channels), Some(Refusal::WrongRegion), "{channels:?}");
    }
}

#[test]
fn a_root_key_survives_its_file_and_a_broken_file_says_what_is_wrong() {
    let text = root().to_file_text();
    assert_eq!(SigningKey::from_file_text(&text).unwrap().public(), root().public());
    let broken = |from: &str, to: &str| SigningKey::from_file_text(&text.replacen(from, to, 1)).err();
    assert_eq!(SigningKey::from_file_text("").err(), Some(InvalidSigningKey::Malformed));
    assert_eq!(broken("\"version\": 1", "\"version\": 2"), Some(InvalidSigningKey::NewerVersion));
    assert_eq!(broken("root key", "other key"), Some(InvalidSigningKey::Malformed));
    assert_eq!(
        broken(&root().public().text(), &ana().public().text()),
        Some(InvalidSigningKey::OtherPublicKey)
    );
    assert_eq!(format!("{:?}", root()), "SigningKey(…)");
}

#[test]
fn a_fingerprint_is_shown_in_groups_of_four() {
    let groups = root().public().fingerprint().groups();
    assert_eq!(groups.split(' ').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3]);
    assert_eq!(groups.replace(' ', ""), root().public().fingerprint().text());
}

proptest! {
    #[test]
    fn no_text_of_a_stranger_is_a_manifest(text in ".{0,200}", signature in any::<[u8; 32]>()) {
        let signature = Signature([signature, signature].concat().try_into().unwrap());
        let manifest = SignedManifest { manifest: text, signature };
        prop_assert!(manifest.verify().is_err());
    }
}
