use super::*;

fn file(text: &str) -> anyhow::Result<Config> {
    Config::resolve(Options::default(), Options::from_toml(text)?)
}

fn refusal(text: &str) -> String {
    format!("{:#}", file(text).unwrap_err())
}

#[test]
fn without_a_word_it_listens_on_loopback_only() {
    let config = file("").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8000");
    assert_eq!(config.ops_listen.to_string(), "127.0.0.1:8001");
    assert_eq!(config.keys, PathBuf::from("data/keys.json"));
    assert_eq!(config.retention_messages.to_string(), "90days");
}

#[test]
fn an_unknown_key_is_named() {
    assert!(refusal("lisen = \"127.0.0.1:1\"").contains("lisen"));
}

#[test]
fn values_that_make_no_sense_are_refused_with_a_reason() {
    for (text, reason) in [
        ("workers = 0", "workers"),
        ("access_ttl = \"1s\"", "30s"),
        ("access_ttl = \"soon\"", "access_ttl"),
        ("ring_bytes = 5", "ring_bytes"),
        ("storage_max = 5", "storage_max"),
        ("storage_max = -1", "storage_max"),
        ("storage_max = 2000000\nredis = \"redis://localhost\"", "maxmemory"),
        ("retention_messages = \"0s\"", "retention_messages"),
        ("retention_egress = \"1h\"", "retention_egress"),
        ("retention_incidents = \"1day\"", "retention_incidents"),
        ("egress_budget = 5", "egress_budget"),
        ("retention_audit = \"1day\"", "retention_audit"),
        ("tls_cert = \"a.crt\"", "tls_key"),
        ("tls_key = \"a.key\"", "tls_cert"),
        ("tls_cert = \"a\"\ntls_key = \"b\"\npublic_url = \"http://h.example\"", "https"),
        ("listen = \"here\"", "listen"),
        ("ops_listen = \"nowhere\"", "or off"),
        ("listen = \"127.0.0.1:9000\"\nops_listen = \"127.0.0.1:9000\"", "of their own"),
        ("public_url = \"ftp://x\"", "https://HOST"),
        ("allowed_origins = [\"holdfast\"]", "allowed_origins"),
        ("log = \"holdfast=loud\"", "log"),
        ("load_consent = \"short\"", "load_consent"),
        ("delay_target = \"0s\"", "delay_target"),
        ("delay_target = \"2m\"", "delay_target"),
        ("posture_hold = \"2days\"", "posture_hold"),
        ("memory_max = 5", "memory_max"),
        ("load_consent = \"two words here\"", "load_consent"),
        ("push_contact = \"http://a.example\"", "mailto:"),
        ("push_hosts = [\"localhost\"]", "push_hosts"),
        ("push_hosts = [\"https://a.example\"]", "push_hosts"),
        ("push_allow_local = true\nlisten = \"0.0.0.0:8000\"", "of this machine alone"),
        ("push_allow_local = true\nops_listen = \"[::]:8001\"", "of this machine alone"),
        ("external_issuer = \"http://sso.example\"\nexternal_audience = \"a\"", "https"),
        ("external_issuer = \"https://u:p@sso.example\"\nexternal_audience = \"a\"", "https"),
        ("external_issuer = \"https://sso.example\"", "external_audience"),
        ("external_audience = \"a\"", "external_issuer"),
        ("oidc_client_id = \"a\"", "oidc_issuer"),
        ("oidc_issuer = \"https://sso.example\"", "oidc_client_id"),
        ("oidc_join = true", "oidc_client_id"),
        ("sign_on_roles = [\"king\"]", "sign_on_roles"),
        (
            "external_issuer = \"https://sso.example\"\nexternal_audience = \"a\"\noidc_client_id = \"a\"",
            "the same",
        ),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(reason), "{text}: {refusal}");
    }
}

#[test]
fn the_command_line_counts_more_than_the_file() {
    let given = Options { workers: Some(3), ..Options::default() };
    let file = Options { workers: Some(5), ring_bytes: Some(2_000_000), ..Options::default() };
    let config = Config::resolve(given, file).unwrap();
    assert_eq!((config.workers, config.ring_bytes), (3, 2_000_000));
}

#[test]
fn what_is_printed_has_the_same_effect_when_read_again() {
    let first =
        file("workers = 2\nops_listen = \"off\"\nretention_messages = \"45days\"\npublic_url = \"https://h.example\"").unwrap();
    let printed = first.to_toml().unwrap();
    assert_eq!(file(&printed).unwrap().to_toml().unwrap(), printed);
}

#[test]
fn a_certificate_and_its_key_are_printed_as_they_were_given() {
    let config = file("tls_cert = \"a.crt\"\ntls_key = \"a.key\"").unwrap();
    assert_eq!(config.tls(), Some((Path::new("a.crt"), Path::new("a.key"))));
    assert_eq!(file(&config.to_toml().unwrap()).unwrap().tls(), config.tls());
    assert_eq!(file("").unwrap().tls(), None);
}

#[test]
fn a_password_is_never_printed() {
    let config = file("redis = \"redis://:tide-4711@localhost:6379/0\"").unwrap();
    assert_eq!(config.redis.as_ref().map(RedisUrl::reveal), Some("redis://:tide-4711@localhost:6379/0"));
    for printed in [config.to_toml().unwrap(), format!("{config:?}")] {
        assert!(!printed.contains("tide-4711"), "{printed}");
    }
}

#[test]
fn an_unknown_variable_is_named() {
    let names = |name: &str| refuse_unknown_variables([name.to_owned()].into_iter());
    assert!(names("HOLDFAST_LISTEN").is_ok());
    assert!(names("PATH").is_ok());
    let refusal = format!("{:#}", names("HOLDFAST_LISTN").unwrap_err());
    assert!(refusal.contains("HOLDFAST_LISTN is unknown") && refusal.contains("HOLDFAST_LISTEN"));
}

#[test]
fn without_a_word_conversations_have_the_patience_that_they_have_by_themselves() {
    let (ours, theirs) = (file("").unwrap().timing(), Timing::default());
    assert_eq!(
        (ours.hello_timeout, ours.ping_interval, ours.pong_timeout, ours.stall_timeout),
        (theirs.hello_timeout, theirs.ping_interval, theirs.pong_timeout, theirs.stall_timeout)
    );
}
