//! What the status page says, in English and in Welsh.

use super::page::Language;
use actix_web::cookie::time::OffsetDateTime;
use admission::Posture;
use protocol::Timestamp;

/// The words of one language.
pub(super) struct Words {
    pub(super) language: &'static str,
    pub(super) title: &'static str,
    pub(super) look_again: &'static str,
    pub(super) other_language: &'static str,
    pub(super) store_is_away: &'static str,
    pub(super) statement: &'static str,
    pub(super) all_clear: &'static str,
    pub(super) felt: &'static str,
    pub(super) not_felt: &'static str,
    /// With `{p50}`, `{p99}` and `{samples}`.
    pub(super) felt_times: &'static str,
    /// With `{count}`.
    pub(super) slow: &'static str,
    /// With `{time}`.
    pub(super) since: &'static str,
    pub(super) as_of: &'static str,
    /// Said on a copy of the page on another host.
    pub(super) copy: &'static str,
    months: [&'static str; 12],
    seconds: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    title: "Service status",
    look_again: "Look again",
    other_language: "Cymraeg",
    store_is_away: "The message store cannot be reached at the moment. What was posted is kept. New messages wait on \
        your device and are sent when the store is back.",
    statement: "From the organisers",
    all_clear: "All clear since {time}.",
    felt: "What members see",
    not_felt: "Too few devices have measured it in the last five minutes.",
    felt_times: "In the last five minutes half of the messages were on the screen within {p50}, and 99 of 100 within \
        {p99}.",
    slow: "Reports of “this is slow” in the last five minutes: {count}.",
    since: "Since {time}",
    as_of: "As of {time}.",
    copy: "If that is more than a few minutes ago, the service itself may be away.",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    seconds: "s",
};

const WELSH: Words = Words {
    language: "cy",
    title: "Statws y gwasanaeth",
    look_again: "Edrych eto",
    other_language: "English",
    store_is_away: "Ni ellir cyrraedd y storfa negeseuon ar hyn o bryd. Mae’r hyn a bostiwyd yn cael ei gadw. Mae \
        negeseuon newydd yn aros ar eich dyfais ac yn cael eu hanfon pan ddaw’r storfa yn ôl.",
    statement: "Gan y trefnwyr",
    all_clear: "Popeth yn iawn ers {time}.",
    felt: "Beth mae aelodau’n ei weld",
    not_felt: "Mae rhy ychydig o ddyfeisiau wedi ei fesur yn y pum munud diwethaf.",
    felt_times: "Yn y pum munud diwethaf roedd hanner y negeseuon ar y sgrin o fewn {p50}, a 99 o bob 100 o fewn \
        {p99}.",
    slow: "Adroddiadau “mae hyn yn araf” yn y pum munud diwethaf: {count}.",
    since: "Ers {time}",
    as_of: "Fel yr oedd am {time}.",
    copy: "Os oedd hynny fwy nag ychydig funudau yn ôl, efallai fod y gwasanaeth ei hun i lawr.",
    months: [
        "Ionawr",
        "Chwefror",
        "Mawrth",
        "Ebrill",
        "Mai",
        "Mehefin",
        "Gorffennaf",
        "Awst",
        "Medi",
        "Hydref",
        "Tachwedd",
        "Rhagfyr",
    ],
    seconds: "eiliad",
};

impl Words {
    /// Those of a language.
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Welsh => &WELSH,
        }
    }

    /// A moment as people read it, in UTC: a page for everybody knows nobody's time zone.
    pub(super) fn time(&self, at: Timestamp) -> String {
        let seconds = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
        let Ok(time) = OffsetDateTime::from_unix_timestamp(seconds) else {
            return "–".to_owned();
        };
        let month = self.months.get(usize::from(u8::from(time.month())).saturating_sub(1)).unwrap_or(&"–");
        format!("{} {month} {}, {:02}:{:02} UTC", time.day(), time.year(), time.hour(), time.minute())
    }

    /// How long something takes at most, as exact as it matters.
    pub(super) fn duration(&self, millis: u64) -> String {
        let tenths = millis.div_ceil(100);
        match tenths {
            0..=1 => format!("0.1 {}", self.seconds),
            2..100 => format!("{}.{} {}", tenths / 10, tenths % 10, self.seconds),
            _ => format!("{} {}", millis.div_ceil(1_000), self.seconds),
        }
    }
}

/// A posture: in a few words, and what it means for whoever reads this.
pub(super) const fn posture(language: Language, posture: Posture) -> (&'static str, &'static str) {
    match (language, posture) {
        (Language::English, Posture::Normal) => ("Everything is working", "Messages arrive as usual."),
        (Language::English, Posture::Elevated) => {
            ("Busier than usual", "Messages may arrive a little later. Nothing is lost.")
        }
        (Language::English, Posture::UnderAttack) => (
            "The service is being flooded",
            "Far more arrives than the service can take. Members who are connected stay connected. Messages \
             arrive more slowly; nothing is lost. Whoever is new waits for their turn.",
        ),
        (Language::English, Posture::Survival) => (
            "The service is being flooded badly",
            "Members who are connected stay connected. Messages may take minutes to arrive; nothing is lost. \
             Whoever is new has to wait.",
        ),
        (Language::Welsh, Posture::Normal) => {
            ("Mae popeth yn gweithio", "Mae negeseuon yn cyrraedd fel arfer.")
        }
        (Language::Welsh, Posture::Elevated) => (
            "Yn brysurach nag arfer",
            "Gall negeseuon gyrraedd ychydig yn hwyrach. Does dim byd yn cael ei golli.",
        ),
        (Language::Welsh, Posture::UnderAttack) => (
            "Mae’r gwasanaeth dan lif o draffig",
            "Mae llawer mwy yn cyrraedd nag y gall y gwasanaeth ei gymryd. Mae aelodau sydd wedi cysylltu yn aros \
             wedi cysylltu. Mae negeseuon yn cyrraedd yn arafach; does dim byd yn cael ei golli. Mae pobl \
             newydd yn aros eu tro.",
        ),
        (Language::Welsh, Posture::Survival) => (
            "Mae’r gwasanaeth dan lif trwm o draffig",
            "Mae aelodau sydd wedi cysylltu yn aros wedi cysylltu. Gall negeseuon gymryd munudau i gyrraedd; \
             does dim byd yn cael ei golli. Mae’n rhaid i bobl newydd aros.",
        ),
    }
}
