//! What an app says that it has got.

use super::*;
use protocol::rpc::receipts::Receipts;

fn tell(talk: &mut Talk, id: u32, told: &Value) {
    talk.send(&json!({"id": id, "rpc": {"method": "receipts", "data": told}}));
}

#[test]
fn receipts_are_answered_when_they_are_kept_and_not_before() {
    let mut talk = Talk::connected(&[Role::Activist]);
    tell(&mut talk, 2, &json!({"received": ["b1"], "acknowledged": ["b2"]}));
    let receipts = Receipts { received: vec!["b1".to_owned()], acknowledged: vec!["b2".to_owned()] };
    assert_eq!(talk.effect(), Effect::TakeReceipts { id: 2, receipts });
    assert!(talk.output().is_empty());
    talk.answer(Answer::ReceiptsTaken { id: 2, result: Ok(()) });
    assert_eq!(talk.output(), vec![json!({"id": 2, "rpc": {"data": {"status": "ok"}}})]);
}

#[test]
fn receipts_that_are_not_kept_are_to_be_sent_again() {
    let mut talk = Talk::connected(&[Role::Activist]);
    tell(&mut talk, 2, &json!({"received": ["b1"]}));
    talk.effect();
    let later = NotTaken::Later(Duration::from_secs(30));
    talk.answer(Answer::ReceiptsTaken { id: 2, result: Err(later) });
    assert_eq!(talk.output()[0]["rpc"]["data"], json!({"status": "later", "retry_after_ms": 30_000}));
    tell(&mut talk, 3, &json!({"received": ["nonsense"]}));
    talk.effect();
    talk.answer(Answer::ReceiptsTaken { id: 3, result: Err(NotTaken::Never) });
    assert_eq!(talk.output()[0]["error"]["code"], 107);
}

#[test]
fn receipts_of_nothing_or_of_too_much_are_a_bad_request() {
    let mut talk = Talk::connected(&[Role::Activist]);
    for (id, told) in
        (2..).zip([json!({}), json!([]), json!({"received": vec!["b"; 65]}), json!({"seen": ["b"]})])
    {
        tell(&mut talk, id, &told);
        assert_eq!(talk.output()[0]["error"]["code"], 107, "{told}");
    }
    assert!(talk.effects.is_empty());
}
