use super::*;
use crate::devices::{device_key, put_device};
use crate::kept::{self, get};
use crate::passkeys::confirmation::{FIRST_PASSKEY_WITHIN, STEPPED_UP_FOR};
use crate::passkeys::{CEREMONY_TTL, Registering, without_passkeys};
use crate::{Confirmation, Demand, PasskeyError, Passkeys, SignInError};
use storage::records::device::{Device, SECRET_OVERLAP};
use storage::records::passkey::{Owner, PasskeyRing};
use storage::{Expect, RecordKind};

const KEY: &str = "AAAA.BBBB";

fn organisers() -> InviteTerms {
    InviteTerms::new(rights(Role::Sender, "north"), 1, Duration::from_hours(1), false).unwrap()
}

/// Binds a device to a key, as showing a passkey does.
async fn bind(people: &People, on: &SignedIn) {
    let key = device_key(&on.device).unwrap();
    let device = get::<Device>(&*people.records, &key, NOW).await.unwrap().unwrap().value;
    let device = Device { key: Some(KEY.to_owned()), confirmed_at: Some(NOW), ..device };
    let write = put_device(key, &device, Expect::Any, NOW).unwrap();
    people.records.commit(vec![write], NOW).await.unwrap();
}

#[tokio::test]
async fn the_first_passkey_is_registered_right_after_joining_or_where_none_is_asked_for() {
    let joined = people().joined(organisers()).await;
    let at = |demand, now| Registering::of(joined.clone(), demand, now).map(|_| ());
    assert_eq!(at(Demand::Required, NOW), Ok(()));
    let late = NOW.after(FIRST_PASSKEY_WITHIN);
    assert_eq!(at(Demand::Required, late), Err(PasskeyError::RegistrationClosed));
    assert_eq!(at(Demand::Optional, late), Ok(()), "so that a deployment can move over");
}

#[tokio::test]
async fn an_activist_may_register_one_at_any_time_and_it_never_makes_an_organiser_of_them() {
    let activist = people().joined(terms(1)).await;
    for demand in [Demand::Required, Demand::Optional] {
        let registering = Registering::of(activist.clone(), demand, NOW.after(DAY)).unwrap();
        assert!(!registering.organises);
    }
    let organiser = people().joined(organisers()).await;
    assert!(Registering::of(organiser, Demand::Required, NOW).unwrap().organises);
}

#[tokio::test]
async fn a_sign_in_is_begun_by_anybody_and_ended_by_no_word_but_its_own_in_time() {
    let people = people();
    let site = passkeys();
    let (word, options) = site.begin_sign_in(NOW).unwrap();
    assert_eq!(options["allowCredentials"].as_array().map_or(0, Vec::len), 0, "the passkey says whose it is");
    let nothing = serde_json::json!({});
    let at = async |word: &str, now| site.signing_in(&people, word, &nothing, now).await.map(|_| ());
    assert_eq!(at(&word, NOW).await, Err(PasskeyError::Refused), "the word counts, and the answer does not");
    assert_eq!(at(&word, NOW.after(CEREMONY_TTL)).await, Err(PasskeyError::CeremonyUnknown));
    let other = passkeys().begin_sign_in(NOW).unwrap().0;
    for word in ["", "nonsense", &other, &word[1..]] {
        assert_eq!(at(word, NOW).await, Err(PasskeyError::CeremonyUnknown), "{word:?}");
    }
}

fn passkeys() -> Passkeys {
    let url = "https://example.org".parse().unwrap();
    Passkeys::new(&KeySet::generate().unwrap(), &url, &[]).unwrap()
}

#[tokio::test]
async fn a_further_passkey_takes_one_that_was_shown_minutes_ago() {
    let joined = people().joined(organisers()).await;
    let confirmation = Confirmation { is_bound: true, at: Some(NOW), registers_until: None };
    let had_one = SignedIn { passkeys: 1, confirmation, ..joined.clone() };
    let at = |now| Registering::of(had_one.clone(), Demand::Required, now).map(|_| ());
    assert_eq!(at(NOW), Ok(()));
    assert_eq!(at(NOW.after(STEPPED_UP_FOR)), Err(PasskeyError::StepUpNeeded));
    let just_joined = SignedIn { passkeys: 1, ..joined };
    let refused = Registering::of(just_joined, Demand::Required, NOW).map(|_| ());
    assert_eq!(refused, Err(PasskeyError::StepUpNeeded), "once there is one");
}

#[tokio::test]
async fn without_the_key_of_a_bound_device_nothing_is_given_changed_or_signed_out() {
    let people = people();
    let joined = people.joined(organisers()).await;
    let next = people.sign_in(&joined.secret, NOW).await.unwrap().secret;
    people.sign_in(&next, NOW).await.unwrap();
    bind(&people, &joined).await;
    let later = NOW.after(SECRET_OVERLAP);
    for secret in [&joined.secret, &next] {
        assert_eq!(people.sign_in(secret, later).await, Err(SignInError::Unproven), "an old secret, too");
    }
    assert_eq!(people.peek(&joined.secret, later).await, Err(SignInError::Unknown));
    let proves = |key: &identity::ProofKey| key.as_text() == KEY;
    let signed_in = people.sign_in_with(&next, proves, later).await.unwrap();
    assert!(signed_in.confirmation.confirmed_until(later).is_some());
    let stolen = people.sign_in_with(&joined.secret, proves, later).await;
    assert!(matches!(stolen, Err(SignInError::Stolen(_))), "with the key an old secret is a theft");
}

#[tokio::test]
async fn a_lost_answer_of_coming_in_is_given_again_until_the_device_is_bound() {
    let people = people();
    let (secret, _) = people.invite(organisers(), &admin(), NOW).await.unwrap();
    let first = people.redeem(&secret, &attempt(0), NOW).await.unwrap();
    assert_eq!(people.redeem(&secret, &attempt(0), NOW).await.unwrap(), first);
    bind(&people, &first).await;
    assert!(people.redeem(&secret, &attempt(0), NOW).await.is_err(), "it is no way around the key");
}

#[tokio::test]
async fn passkeys_go_with_whoever_leaves_or_is_erased() {
    for leaves in [true, false] {
        let people = people();
        let id = people.joined(organisers()).await.person.member.id;
        let ring = PasskeyRing { count: 1, sealed: String::new() };
        let [of_ring, of_owner] = without_passkeys(&id).unwrap().map(|write| write.key);
        let owner = Owner { member: id.clone() };
        let writes = vec![
            kept::put(of_ring, Expect::Absent, &ring, None).unwrap(),
            kept::put(of_owner, Expect::Absent, &owner, None).unwrap(),
        ];
        people.records.commit(writes, NOW).await.unwrap();
        let gone = if leaves { people.leave(&id, NOW).await } else { people.erase(&id, NOW).await };
        assert!(!gone.unwrap().is_empty());
        assert_eq!(people.passkeys(&id, NOW).await, Ok(0));
        let owners = people.records.scan(RecordKind::PasskeyOwner, None, 10, NOW).await.unwrap().0;
        assert!(owners.is_empty(), "whose they were is not kept either");
    }
}

#[tokio::test]
async fn a_recovery_is_somebody_elses_and_its_code_ends() {
    let people = people();
    let id = people.joined(organisers()).await.person.member.id;
    assert_eq!(people.make_recovery(&id, &id, NOW).await, Err(PasskeyError::OwnRecovery));
    let made = people.make_recovery(&id, &admin(), NOW).await.unwrap();
    assert!(people.recovering(&made.code, NOW).await.is_ok());
    for (code, now) in [(&made.code, made.ends), (&unknown(), NOW)] {
        let refused = people.recovering(code, now).await.map(|_| ());
        assert_eq!(refused, Err(PasskeyError::RecoveryUnknown));
    }
}
