//! A scenario with some of it said otherwise: the same run over TLS, behind a proxy, with another transport.

use anyhow::{Context, bail};
use toml::{Table, Value};

/// What names the parts of a list.
const NAMES: [&str; 2] = ["class", "name"];
/// Where words are added to those that are there: options of the server, of which a variant has some more.
const ADDED_TO: &str = "arguments";

/// The text of a scenario in which these things are as they are said here. Parts of a list go by their name:
/// `phases.flood.asleep`. What is put where nothing was is new; whether all of it makes sense is for the reader of the
/// text to say.
pub(crate) fn variant(text: &str, otherwise: &Table) -> anyhow::Result<String> {
    if otherwise.is_empty() {
        return Ok(text.to_owned());
    }
    let mut whole: Table = text.parse().context("the scenario is no TOML")?;
    merge(&mut whole, otherwise, "")?;
    Ok(toml::to_string(&whole)?)
}

fn merge(whole: &mut Table, otherwise: &Table, path: &str) -> anyhow::Result<()> {
    for (key, value) in otherwise {
        let path = format!("{path}{key}");
        match (whole.get_mut(key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new, &format!("{path}."))?,
            (Some(Value::Array(parts)), Value::Table(new)) => merge_parts(parts, new, &path)?,
            (Some(Value::Array(old)), Value::Array(new)) if key == ADDED_TO => {
                old.extend(new.iter().cloned());
            }
            (_, value) => {
                whole.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(())
}

fn merge_parts(parts: &mut [Value], otherwise: &Table, path: &str) -> anyhow::Result<()> {
    for (name, value) in otherwise {
        let is_it = |part: &&mut Value| {
            let named = |key: &&str| part.get(*key).and_then(Value::as_str) == Some(name);
            NAMES.iter().any(named)
        };
        let part = parts.iter_mut().find(is_it).and_then(Value::as_table_mut);
        let (Some(part), Value::Table(new)) = (part, value) else {
            bail!("{path} has no {name} of which something could be said");
        };
        merge(part, new, &format!("{path}.{name}."))?;
    }
    Ok(())
}

/// Reads `KEY=VALUE` with a value as TOML has it; a value that is none is a word.
pub(crate) fn parse_setting(text: &str) -> Result<Table, String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not KEY=VALUE"))?;
    let as_it_is = format!("{key} = {value}").parse::<Table>();
    let as_word = || format!("{key} = {}", Value::String(value.trim().to_owned())).parse::<Table>();
    as_it_is.or_else(|_| as_word()).map_err(|error| format!("{text:?}: {}", error.message()))
}

/// All of them together; of two that say the same, the later counts.
pub(crate) fn together(settings: &[Table]) -> anyhow::Result<Table> {
    let mut all = Table::new();
    for settings in settings {
        merge(&mut all, settings, "")?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Scenario, shipped};

    fn changed(name: &str, settings: &[&str]) -> anyhow::Result<Scenario> {
        let settings: Vec<Table> = settings.iter().map(|text| parse_setting(text).unwrap()).collect();
        let text = variant(shipped(name).unwrap(), &together(&settings)?)?;
        Ok(Scenario::parse(name, &text, 1.0).unwrap())
    }

    #[test]
    fn a_variant_is_the_scenario_with_some_of_it_otherwise() {
        let settings = [
            "server.tls=true",
            "server.proxy=haproxy-tcp",
            "server.arguments=[\"--transport\", \"actix-ws\"]",
            "clients.activist.count=7",
            "phases.broadcast.duration=1s",
        ];
        let plain = changed("broadcast-10k", &[]).unwrap();
        let other = changed("broadcast-10k", &settings).unwrap();
        assert!(other.server.tls && other.server.proxy.is_some());
        assert_eq!(other.server.arguments[..plain.server.arguments.len()], plain.server.arguments[..]);
        assert_eq!(other.server.arguments[plain.server.arguments.len()..], ["--transport", "actix-ws"]);
        let count =
            |scenario: &Scenario| scenario.classes.iter().map(|class| class.count).collect::<Vec<_>>();
        assert_eq!((count(&plain), count(&other)), (vec![1, 10_000], vec![1, 7]));
        assert_eq!(other.phases[1].duration.as_secs(), 1);
        assert_eq!(other.phases[0].arrive, plain.phases[0].arrive);
    }

    #[test]
    fn what_is_not_there_cannot_be_otherwise() {
        let error = changed("baseline", &["phases.storm.duration=1s"]).unwrap_err();
        assert_eq!(error.to_string(), "phases has no storm of which something could be said");
        for text in ["", "server.tls", "=1", "a b=1"] {
            assert!(parse_setting(text).is_err(), "{text}");
        }
    }
}
