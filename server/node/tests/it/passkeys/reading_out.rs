//! Reading out the list of members is more than the console's work: it takes a passkey of the last minutes.

use super::Campaign;
use super::stepping_up::of_device;
use crate::node::token;
use serde_json::{Value, json};

/// A list of so many people, who are members from then on.
fn list(people: usize) -> String {
    let rows: Vec<String> = (0..people).map(|n| format!("ref-{n},Person {n},north,\n")).collect();
    format!("reference,name,regions,teams\n{}", rows.concat())
}

/// How many members each page of the list told of, and how it ended.
async fn read_out(campaign: &mut Campaign) -> (usize, String) {
    let (mut told, mut after) = (0, String::new());
    loop {
        let page = campaign.admin.ask("GET", &format!("/v1/members?limit=200{after}"), &Value::Null).await;
        if page.status != 200 {
            return (told, page.outcome().1.to_owned());
        }
        told += page.body["members"].as_array().unwrap().len();
        match page.body["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return (told, "end".to_owned()),
        }
    }
}

#[actix_rt::test]
async fn the_list_is_shown_for_hours_and_read_out_after_a_passkey_of_the_last_minutes() {
    let mut campaign = Campaign::with_passkey().await;
    let stepped_up = campaign.admin.visitor.token.clone();
    let (status, rows) = campaign.admin.visitor.import("", list(700)).await;
    assert_eq!((status, rows.len()), (200, 700));
    campaign.admin.visitor.token = of_device(&campaign, false);
    assert_eq!(
        read_out(&mut campaign).await,
        (400, "step_up_needed".to_owned()),
        "two pages, and not the third"
    );
    assert_eq!(read_out(&mut campaign).await.0, 400, "what was shown is shown again");
    let all = campaign.admin.ask("GET", "/v1/members?limit=200&role=activist", &Value::Null).await;
    assert_eq!(all.status, 200, "in another order of filters, too: {}", all.body);

    campaign.admin.visitor.token.clone_from(&stepped_up);
    let (told, end) = read_out(&mut campaign).await;
    assert_eq!((told, end.as_str()), (701, "end"), "the list and the admin");
    campaign.admin.visitor.token = token(campaign.data.path(), &["--sub", "ops", "--role", "admin"]);
    assert_eq!(read_out(&mut campaign).await.0, 701, "programs are not asked");
    campaign.admin.visitor.token = of_device(&campaign, false);
    assert_eq!(
        read_out(&mut campaign).await,
        (400, "step_up_needed".to_owned()),
        "that did not make it more"
    );
}

#[actix_rt::test]
async fn one_after_the_other_counts_as_a_page_does() {
    let mut campaign = Campaign::with_passkey().await;
    assert_eq!(campaign.admin.visitor.import("", list(600)).await.0, 200);
    let mut ids = Vec::new();
    let mut after = String::new();
    for _ in 0..3 {
        let page = campaign.admin.ask("GET", &format!("/v1/members?limit=200{after}"), &Value::Null).await;
        let members = page.body["members"].as_array().unwrap();
        ids.extend(members.iter().map(|member| member["id"].as_str().unwrap().to_owned()));
        after = format!("&after={}", page.body["next"].as_str().unwrap_or_default());
    }
    campaign.admin.visitor.token = of_device(&campaign, false);
    assert_eq!(read_out(&mut campaign).await.0, 400);
    let mut shown = 400;
    for id in &ids[400..] {
        let one = campaign.admin.ask("GET", &format!("/v1/members/{id}"), &Value::Null).await;
        if one.status != 200 {
            assert_eq!(one.outcome(), (403, "step_up_needed"));
            break;
        }
        shown += 1;
    }
    assert_eq!(shown, 500);
    assert_eq!(campaign.admin.ask("GET", &format!("/v1/members/{}", ids[0]), &json!(null)).await.status, 200);
}
