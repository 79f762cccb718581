//! Reports of the device model, page by page out of the table of names (B07, B08): nothing is collected first.

use super::variables::{ITEMS_PER_REPORT, VARIABLES};
use crate::messages as m;
use ocpp_core::dialect::{Context, SettingName, Written};
use ocpp_core::settings::{Access, Kind};
use ocpp_core::wire::{Frame, List, Operation, Reader, Str, Timestamp, Wire, Writer};

/// What a report was asked for.
struct Request<'f> {
    id: i32,
    criteria: Option<List<'f, m::ComponentCriterion, 1, 4>>,
    filter: Option<List<'f, m::ComponentVariable<'f>, 1>>,
}

impl<'f> Request<'f> {
    fn read(payload: Reader<'f>) -> Option<Self> {
        let mut reader = payload;
        let request = m::GetReportRequest::read(&mut reader).ok()?;
        Some(Self {
            id: request.request_id,
            criteria: request.component_criteria,
            filter: request.component_variable,
        })
    }

    /// Criteria are alternatives, filters too, and both must hold (B08.FR.05 and following).
    fn wants(&self, entry: &SettingName) -> bool {
        // No component has a variable Problem; the three others count as true where they are missing.
        let criteria = self.criteria.is_none_or(|criteria| {
            criteria
                .iter()
                .any(|criterion| criterion != m::ComponentCriterion::Problem)
        });
        criteria
            && self
                .filter
                .is_none_or(|filter| filter.iter().any(|filter| matches(&filter, entry)))
    }
}

/// Whether nothing in the table is wanted.
pub(super) fn is_empty(payload: Reader<'_>) -> bool {
    Request::read(payload).is_none_or(|request| !VARIABLES.iter().any(|entry| request.wants(entry)))
}

/// Writes the page that begins at `step`: the number of the page in the upper half, the first row to look at in the
/// lower.
pub(super) fn write(
    id: &str,
    request: &str,
    step: u32,
    at: Timestamp,
    context: &Context<'_>,
    w: &mut Writer<'_>,
) -> Written {
    let Some(request) = Request::read(Reader::new(request)) else {
        return Written::NothingToSay;
    };
    let (page, first) = (step >> 16, step & 0xffff);
    let mut wanted = (0u32..)
        .zip(VARIABLES)
        .skip(first as usize)
        .filter(|(_, entry)| request.wants(entry))
        .peekable();
    if wanted.peek().is_none() {
        return Written::NothingToSay;
    }
    Frame::open_call(w, id, m::NotifyReportRequest::ACTION);
    w.begin_object();
    w.key("requestId");
    w.integer(request.id.into());
    w.key("generatedAt");
    at.write(w);
    w.key("seqNo");
    w.integer(page.into());
    w.key("reportData");
    w.begin_array();
    for _ in 0..ITEMS_PER_REPORT {
        if let Some((_, entry)) = wanted.next() {
            report_data(entry, context, w);
        }
    }
    w.end_array();
    let next = wanted.peek().map(|(row, _)| (page.saturating_add(1) << 16) | *row);
    if next.is_some() {
        w.key("tbc");
        w.bool(true);
    }
    w.end_object();
    Frame::close(w);
    next.map_or(Written::Done, Written::More)
}

/// A missing variable or instance stands for all of them.
fn matches(filter: &m::ComponentVariable<'_>, entry: &SettingName) -> bool {
    let is = |text: Str<'_>, own: &'static str| text.eq_ignore_case(&Str::plain(own));
    let variable = filter.variable.is_none_or(|variable| {
        let instance = variable
            .instance
            .is_none_or(|instance| is(instance.as_text(), entry.instance));
        is(variable.name.as_text(), entry.name) && instance
    });
    is(filter.component.name.as_text(), entry.component) && filter.component.instance.is_none() && variable
}

fn report_data(entry: &SettingName, context: &Context<'_>, w: &mut Writer<'_>) {
    let access = entry.view.access();
    w.begin_object();
    w.key("component");
    named(entry.component, "", w);
    w.key("variable");
    named(entry.name, entry.instance, w);
    w.key("variableAttribute");
    w.begin_array();
    w.begin_object();
    // A value that is only written is never told (B07.FR.09).
    if access != Access::WriteOnly {
        w.key("value");
        context.write_view(entry.view, w);
    }
    w.key("mutability");
    match access {
        Access::ReadWrite => m::Mutability::ReadWrite,
        Access::ReadOnly => m::Mutability::ReadOnly,
        Access::WriteOnly => m::Mutability::WriteOnly,
    }
    .write(w);
    w.key("persistent");
    w.bool(true);
    w.end_object();
    w.end_array();
    w.key("variableCharacteristics");
    characteristics(entry).write(w);
    w.end_object();
}

fn named(name: &'static str, instance: &'static str, w: &mut Writer<'_>) {
    w.begin_object();
    w.key("name");
    w.raw_name(name);
    if !instance.is_empty() {
        w.key("instance");
        w.raw_name(instance);
    }
    w.end_object();
}

fn characteristics(entry: &SettingName) -> m::VariableCharacteristics<'static> {
    let kind = entry.view.setting().map(|id| id.descriptor().kind);
    let (data_type, limits) = match kind {
        Some(Kind::Switch) => (m::DataType::Boolean, None),
        Some(Kind::Number { min, max }) => (m::DataType::Integer, Some((min, max))),
        Some(Kind::Measurands | Kind::TxPoints { .. }) => (m::DataType::MemberList, None),
        Some(Kind::Priority) => (m::DataType::SequenceList, None),
        Some(Kind::Rotation | Kind::Key | Kind::Text { .. }) => (m::DataType::String, None),
        None => (m::DataType::Integer, None),
    };
    m::VariableCharacteristics {
        data_type,
        supports_monitoring: false,
        unit: None,
        min_limit: limits.map(|(min, _)| min.into()),
        max_limit: limits.map(|(_, max)| max.into()),
        values_list: None,
    }
}
