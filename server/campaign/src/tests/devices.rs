use super::*;
use crate::SignInError;
use crate::devices::THEFT_TOLD_FOR;
use storage::records::device::SECRET_OVERLAP;
use storage::records::revocation::Revoked;

#[tokio::test]
async fn a_secret_is_changed_as_it_is_used_and_a_lost_answer_does_no_harm() {
    let people = people();
    let joined = people.joined(terms(1)).await;
    let next = people.sign_in(&joined.secret, NOW).await.unwrap().secret;
    assert_ne!(next, joined.secret);
    let later = NOW.after(30 * DAY);
    assert_eq!(people.sign_in(&joined.secret, later).await.unwrap().secret, next, "the same once more");
    assert_eq!(people.sign_in(&next, later).await.unwrap().secret, next);
    let again = people.sign_in(&joined.secret, later).await.unwrap();
    assert_eq!(again.secret, next, "a request that was under way");
}

#[tokio::test]
async fn a_secret_that_was_changed_long_ago_signs_the_device_out_and_both_are_told() {
    let people = people();
    let joined = people.joined(terms(1)).await;
    let next = people.sign_in(&joined.secret, NOW).await.unwrap().secret;
    people.sign_in(&next, NOW).await.unwrap();
    let later = NOW.after(SECRET_OVERLAP);
    let stolen = people.sign_in(&joined.secret, later).await.unwrap_err();
    let SignInError::Stolen(revoking) = &stolen else { panic!("{stolen:?}") };
    assert_eq!(revoking.revoked, Revoked::Device(joined.device.clone()));
    assert_eq!(people.sign_in(&next, later).await, Err(stolen));
    let member = people.person(&joined.person.member.id, later).await.unwrap().unwrap().member;
    assert!(people.devices(&member, later).await.unwrap()[0].1.is_stolen);
    let much_later = later.after(THEFT_TOLD_FOR);
    assert_eq!(people.sign_in(&next, much_later).await, Err(SignInError::Unknown));
    assert!(people.devices(&member, much_later).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_device_is_signed_out_and_then_all_of_them() {
    let people = people();
    let joined = people.joined(terms(1)).await;
    let id = &joined.person.member.id;
    let mut others = Vec::new();
    for n in 0..3 {
        let (code, _) = people.transfer(id, NOW).await.unwrap();
        others.push(people.redeem_transfer(&code, &attempt(n), NOW).await.unwrap());
    }
    let gone = others.pop().unwrap();
    let revoking = people.sign_out(&gone.device, NOW).await.unwrap();
    assert_eq!(revoking.len(), 1);
    assert!(people.sign_out(&gone.device, NOW).await.unwrap().is_empty(), "once");
    assert_eq!(people.sign_in(&gone.secret, NOW).await, Err(SignInError::Unknown));
    assert!(people.sign_in(&joined.secret, NOW).await.is_ok());
    assert_eq!(people.sign_out_of(id, |_| true, NOW).await.unwrap().len(), 3);
    for secret in [&joined.secret, &others[0].secret, &others[1].secret] {
        assert_eq!(people.sign_in(secret, NOW).await, Err(SignInError::Unknown));
    }
}
