//! A list of people as the campaign's own books write it: CSV (RFC 4180) with a line of names first. Only `reference` is
//! needed; `name`, `roles`, `regions` and `teams` may be there, the last three with `;` between several.

use crate::import::{Outcome, Reported};
use crate::personal::{self, InvalidText};
use crate::rights::{InvalidRights, Rights};
use protocol::Role;
use std::collections::HashSet;
use std::fmt;

protocol::limits! {
    /// Most rows of one imported list; a longer one is refused with 400, and nothing of it is imported.
    pub const IMPORT_ROWS_MAX: usize = 200_000 => unseen;
}

/// Why a list cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Its first line names a column that means nothing.
    #[error("the columns are reference, name, roles, regions and teams")]
    Column,
    /// Its first line has no `reference`.
    #[error("the first line names the columns, reference among them")]
    NoReference,
    /// It has more rows than the bound.
    #[error("a list has at most 200000 rows")]
    TooLong,
}

/// Why nothing came of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Other columns than the first line names, or no UTF-8.
    #[error("the row does not have the columns of the first line, or is not UTF-8")]
    Form,
    /// A word that is no role.
    #[error("a role is one of activist, observer, sender, approver, admin")]
    Role,
    /// The reference is that of a row before.
    #[error("the reference is that of a row before")]
    Repeated,
    /// Without one the person could not be found again.
    #[error("the row has no reference")]
    NoReference,
    /// The name or the reference makes no sense.
    #[error(transparent)]
    Text(#[from] InvalidText),
    /// The rights make no sense.
    #[error(transparent)]
    Rights(#[from] InvalidRights),
}

/// The rows of a list.
#[derive(Debug)]
pub struct Rows(Vec<Row>);

/// A row, and whom it describes.
pub(crate) struct Row {
    line: u64,
    pub(crate) reference: String,
    pub(crate) person: Result<Described, Refused>,
}

/// Somebody as a row describes them.
pub(crate) struct Described {
    pub(crate) name: Option<String>,
    pub(crate) rights: Rights,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row(line {})", self.line)
    }
}

impl Row {
    pub(crate) fn reported(self, outcome: Outcome) -> Reported {
        Reported { line: self.line, reference: self.reference, outcome }
    }
}

/// Where the columns are that a list has.
#[derive(Default)]
struct Columns {
    reference: usize,
    name: Option<usize>,
    roles: Option<usize>,
    regions: Option<usize>,
    teams: Option<usize>,
}

impl Columns {
    fn read(names: &csv::StringRecord) -> Result<Self, Unreadable> {
        let (mut columns, mut reference) = (Self::default(), None);
        for (place, name) in names.iter().enumerate() {
            let column = match name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase().as_str() {
                "reference" => &mut reference,
                "name" => &mut columns.name,
                "roles" => &mut columns.roles,
                "regions" => &mut columns.regions,
                "teams" => &mut columns.teams,
                _ => return Err(Unreadable::Column),
            };
            if column.replace(place).is_some() {
                return Err(Unreadable::Column);
            }
        }
        Ok(Self { reference: reference.ok_or(Unreadable::NoReference)?, ..columns })
    }
}

impl Rows {
    /// Reads a list. What a row lacks of rights is that of an activist.
    pub fn read(list: &[u8]) -> Result<Self, Unreadable> {
        let mut reader = csv::ReaderBuilder::new().from_reader(list);
        let columns = Columns::read(reader.headers().map_err(|_| Unreadable::NoReference)?)?;
        let (mut rows, mut seen) = (Vec::new(), HashSet::new());
        for (record, number) in reader.records().zip(2..) {
            if rows.len() >= IMPORT_ROWS_MAX {
                return Err(Unreadable::TooLong);
            }
            rows.push(match record {
                Ok(record) => {
                    let line = record.position().map_or(number, csv::Position::line);
                    row(line, &record, &columns, &mut seen)
                }
                Err(error) => {
                    let line = error.position().map_or(number, csv::Position::line);
                    Row { line, reference: String::new(), person: Err(Refused::Form) }
                }
            });
        }
        Ok(Self(rows))
    }

    pub(crate) fn into_batches(self, size: usize) -> impl Iterator<Item = Vec<Row>> {
        let mut rows = self.0.into_iter();
        std::iter::from_fn(move || {
            let batch: Vec<Row> = rows.by_ref().take(size).collect();
            (!batch.is_empty()).then_some(batch)
        })
    }
}

fn row(line: u64, record: &csv::StringRecord, columns: &Columns, seen: &mut HashSet<String>) -> Row {
    let text = |place: Option<usize>| place.and_then(|place| record.get(place)).unwrap_or_default();
    let written = text(Some(columns.reference));
    let reference = match personal::reference(written) {
        Ok(Some(reference)) => reference,
        Ok(None) => return Row { line, reference: String::new(), person: Err(Refused::NoReference) },
        Err(invalid) => return Row { line, reference: String::new(), person: Err(invalid.into()) },
    };
    if !seen.insert(reference.clone()) {
        return Row { line, reference, person: Err(Refused::Repeated) };
    }
    let person =
        described(text(columns.name), text(columns.roles), text(columns.regions), text(columns.teams));
    Row { line, reference, person }
}

fn described(name: &str, roles: &str, regions: &str, teams: &str) -> Result<Described, Refused> {
    let mut roles: Vec<Role> = words(roles)
        .map(|word| word.to_ascii_lowercase().parse().map_err(|_| Refused::Role))
        .collect::<Result<_, _>>()?;
    if roles.is_empty() {
        roles.push(Role::Activist);
    }
    let labels = |text: &str| words(text).map(str::to_owned).collect();
    let rights = Rights::new(roles, labels(regions), labels(teams))?;
    Ok(Described { name: personal::name(name)?, rights })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|word| !word.is_empty())
}
