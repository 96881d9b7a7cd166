//! Postures and classes as the words that stand for them everywhere.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use std::borrow::Cow;

/// For `#[serde(with = …)]`.
pub(super) mod posture {
    use super::{Cow, Deserialize, Deserializer, Error, Serializer};
    use admission::Posture;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(in crate::incident) fn serialize<S: Serializer>(
        posture: &Posture,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(posture.as_str())
    }

    pub(in crate::incident) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Posture, D::Error> {
        let word = <Cow<'de, str>>::deserialize(deserializer)?;
        let known = Posture::ALL.into_iter().find(|posture| posture.as_str() == word);
        known.ok_or_else(|| D::Error::custom("no posture has this name"))
    }
}

/// The same for classes.
pub(super) mod class {
    use super::{Cow, Deserialize, Deserializer, Error, Serializer};
    use admission::Criticality;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(in crate::incident) fn serialize<S: Serializer>(
        class: &Criticality,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(class.as_str())
    }

    pub(in crate::incident) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Criticality, D::Error> {
        let word = <Cow<'de, str>>::deserialize(deserializer)?;
        let known = Criticality::ALL.into_iter().find(|class| class.as_str() == word);
        known.ok_or_else(|| D::Error::custom("no class has this name"))
    }
}
