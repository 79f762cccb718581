//! Reports of the device model, page by page out of the table of names (B07, B08): nothing is collected first.
//!
//! Of a station with very many connectors the first 65,535 variables are told.

use super::device_model::{place, write_value};
use super::variables::{LACKING, MEASURANDS_LENGTH, VARIABLES};
use crate::messages as m;
use ocpp_core::Place;
use ocpp_core::dialect::{Context, Fact, SettingName, View, Written};
use ocpp_core::settings::{Access, Kind, TxPoint};
use ocpp_core::wire::{Decimal, Frame, List, Operation, Pieces, Reader, Str, Timestamp, Wire, WireEnum, Writer};

/// Longest page in bytes: the usual outbound buffer, less what closes the frame.
const PAGE: usize = 2048 - r#"],"tbc":true}]"#.len();

/// What a report was asked for.
enum Request<'f> {
    Base(m::GetBaseReportRequest<'f>),
    Custom(m::GetReportRequest<'f>),
}

impl<'f> Request<'f> {
    fn read(payload: Reader<'f>) -> Option<Self> {
        let (mut base, mut custom) = (payload, payload);
        match m::GetBaseReportRequest::read(&mut base) {
            Ok(request) => Some(Self::Base(request)),
            Err(_) => m::GetReportRequest::read(&mut custom).ok().map(Self::Custom),
        }
    }

    const fn id(&self) -> i32 {
        match self {
            Self::Base(request) => request.request_id,
            Self::Custom(request) => request.request_id,
        }
    }

    fn wants(&self, (entry, place): Row, context: &Context<'_>) -> bool {
        match self {
            Self::Base(request) => match request.report_base {
                m::ReportBase::FullInventory => true,
                m::ReportBase::ConfigurationInventory => context.access(entry.view) != Access::ReadOnly,
                m::ReportBase::SummaryInventory => match entry.view {
                    View::Fact(Fact::Status) => true,
                    View::Fact(Fact::Problem) => context.is_true(Fact::Problem, place),
                    _ => false,
                },
            },
            Self::Custom(request) => {
                let named = |filters: List<'_, m::ComponentVariable<'_>, 1>| {
                    filters.iter().any(|filter| names(&filter, entry, place, context))
                };
                // B08.FR.13: one criterion is enough.
                let meets = |criteria: List<'_, m::ComponentCriterion, 1, 4>| {
                    criteria.iter().any(|criterion| meets(criterion, entry, place, context))
                };
                request.component_variable.is_none_or(named) && request.component_criteria.is_none_or(meets)
            }
        }
    }
}

/// A variable at one place.
type Row = (&'static SettingName, Place);

/// All variables at all places that they have, in the order of the table.
fn rows(context: &Context<'_>) -> impl Iterator<Item = Row> {
    let topology = context.topology;
    let places = move |entry: &'static SettingName| {
        (0..)
            .map_while(move |index| entry.tier.place(index, topology))
            .map(move |place| (entry, place))
    };
    VARIABLES.iter().flat_map(places).chain(vendor_rows(context))
}

fn vendor_rows(context: &Context<'_>) -> impl Iterator<Item = Row> + use<> {
    let named = context
        .vendor_settings()
        .iter()
        .map(|own| (own.variable_name(), own.place()));
    named.filter(|(name, _)| !name.name.is_empty())
}

/// Instance of the component; empty for all that every station has.
fn component_instance(entry: &SettingName, context: &Context<'_>) -> &'static str {
    context.vendor(entry.view).map_or("", |own| own.instance_of_component())
}

/// Whether nothing is wanted that there is.
pub(super) fn is_empty(payload: Reader<'_>, context: &Context<'_>) -> bool {
    Request::read(payload).is_none_or(|request| !rows(context).any(|row| request.wants(row, context)))
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
    let all = (0..=0xffff).zip(rows(context)).skip(first as usize);
    let mut wanted = all.filter(|(_, row)| request.wants(*row, context)).peekable();
    // What made a first page necessary may be over before the second one.
    if wanted.peek().is_none() && page == 0 {
        return Written::NothingToSay;
    }
    Frame::open_call(w, id, m::NotifyReportRequest::ACTION);
    w.begin_object();
    w.key("requestId");
    w.integer(request.id().into());
    w.key("generatedAt");
    at.write(w);
    w.key("seqNo");
    w.integer(page.into());
    let mut next = None;
    if wanted.peek().is_some() {
        w.key("reportData");
        w.begin_array();
        let mut any = false;
        for (number, row) in wanted {
            let mark = w.mark();
            report_data(row, context, w);
            if any && w.len() > PAGE {
                w.rewind(mark);
                next = Some(number);
                break;
            }
            any = true;
        }
        w.end_array();
    }
    if next.is_some() {
        w.key("tbc");
        w.bool(true);
    }
    w.end_object();
    Frame::close(w);
    next.map_or(Written::Done, |number| {
        Written::More((page.saturating_add(1) << 16) | number)
    })
}

/// Whether the filter names the variable there. Whatever a filter leaves out stands for all of it: the variable
/// (B08.FR.20), its instance (FR.21), the connector of an EVSE (FR.22), the EVSE (FR.23).
fn names(filter: &m::ComponentVariable<'_>, entry: &SettingName, at: Place, context: &Context<'_>) -> bool {
    let is = |text: Str<'_>, own: &'static str| text.eq_ignore_case(&Str::plain(own));
    let variable = filter.variable.is_none_or(|variable| {
        let instance = variable
            .instance
            .is_none_or(|instance| is(instance.as_text(), entry.instance));
        is(variable.name.as_text(), entry.name) && instance
    });
    let there = match (place(&filter.component), at) {
        (Place::Station, _) => true,
        (Place::Evse(evse), Place::Connector(connector)) => connector.evse == evse,
        (wanted, at) => wanted == at,
    };
    let component = &filter.component;
    let instance = component
        .instance
        .is_none_or(|instance| is(instance.as_text(), component_instance(entry, context)));
    variable && there && instance && is(component.name.as_text(), entry.component)
}

/// Whether the component is as it should be. One that has no variable of that name counts as active, available and
/// enabled, but not as having a problem (B08.FR.07–FR.10).
fn meets(criterion: m::ComponentCriterion, entry: &SettingName, place: Place, context: &Context<'_>) -> bool {
    let own = |other: &&SettingName| {
        other.component == entry.component && other.name == criterion.as_str() && other.instance.is_empty()
    };
    let vendor = vendor_rows(context)
        .filter(|(_, at)| *at == place)
        .map(|(name, _)| name);
    match VARIABLES.iter().chain(vendor).find(own).map(|other| other.view) {
        Some(View::Setting(id)) => context.settings.on(id),
        Some(View::Vendor(id, _)) => context.vendor_value(id) == "true",
        Some(View::Fact(fact)) => context.is_true(fact, place),
        _ => criterion != m::ComponentCriterion::Problem,
    }
}

fn report_data((entry, place): Row, context: &Context<'_>, w: &mut Writer<'_>) {
    let access = context.access(entry.view);
    w.begin_object();
    w.key("component");
    w.begin_object();
    w.key("name");
    w.raw_name(entry.component);
    let instance = component_instance(entry, context);
    if !instance.is_empty() {
        w.key("instance");
        w.raw_name(instance);
    }
    let evse = match place {
        Place::Evse(id) => Some((id, None)),
        Place::Connector(id) => Some((id.evse, Some(id.connector.into()))),
        _ => None,
    };
    if let Some((id, connector_id)) = evse {
        w.key("evse");
        m::Evse {
            id: id.0.into(),
            connector_id,
        }
        .write(w);
    }
    w.end_object();
    w.key("variable");
    w.begin_object();
    w.key("name");
    w.raw_name(entry.name);
    if !entry.instance.is_empty() {
        w.key("instance");
        w.raw_name(entry.instance);
    }
    w.end_object();
    w.key("variableAttribute");
    w.begin_array();
    w.begin_object();
    // What is only written is never told (B07.FR.03, B08.FR.03).
    if access != Access::WriteOnly {
        w.key("value");
        write_value(entry, place, context, w);
    }
    w.key("mutability");
    match access {
        Access::ReadWrite => m::Mutability::ReadWrite,
        Access::ReadOnly => m::Mutability::ReadOnly,
        Access::WriteOnly => m::Mutability::WriteOnly,
    }
    .write(w);
    if context.descriptor(entry.view).is_some() {
        w.key("persistent");
        w.bool(context.vendor(entry.view).is_none_or(|own| own.is_persistent()));
    } else if !matches!(entry.view, View::Fact(_)) {
        w.key("constant");
        w.bool(true);
    }
    w.end_object();
    w.end_array();
    characteristics(entry.view, place, context, w);
    w.end_object();
}

fn characteristics(view: View, place: Place, context: &Context<'_>, w: &mut Writer<'_>) {
    let (data_type, known, limits) = shape(view, place, context);
    w.key("variableCharacteristics");
    w.begin_object();
    w.key("dataType");
    data_type.write(w);
    w.key("supportsMonitoring");
    w.bool(false);
    let own = context.vendor(view).map_or("", |own| own.unit_name());
    let unit = if own.is_empty() { known } else { own };
    if !unit.is_empty() {
        w.key("unit");
        w.raw_name(unit);
    }
    for (name, limit) in [("minLimit", limits.0), ("maxLimit", limits.1)] {
        if let Some(limit) = limit {
            w.key(name);
            limit.write(w);
        }
    }
    if has_choice(view, context) {
        w.key("valuesList");
        w.quoted(|p| choice(view, context, p));
    }
    w.end_object();
}

type Limits = (Option<Decimal>, Option<Decimal>);

/// Type, unit, least and greatest value; of texts and lists the greatest length.
fn shape(view: View, place: Place, context: &Context<'_>) -> (m::DataType, &'static str, Limits) {
    let at_most = |max: i32| (None, Some(Decimal::from(max)));
    let counted = |fact: Fact| at_most(i32::try_from(context.facts.count(fact)).unwrap_or(i32::MAX));
    let none = (None, None);
    let range = |min: i32, max: i32| (Some(Decimal::from(min)), Some(Decimal::from(max)));
    match view {
        View::Password(_) | View::HexKey(_) => (m::DataType::String, "", at_most(40)),
        View::Number(number) => (m::DataType::Integer, "", at_most(number)),
        View::AtMost(..) => (m::DataType::Integer, "", none),
        View::Text(_) | View::WithList(..) => (m::DataType::String, "", none),
        View::List(_) => (m::DataType::MemberList, "", none),
        View::True => (m::DataType::Boolean, "", none),
        View::Fact(fact) => match fact {
            Fact::Problem | Fact::HasCache | Fact::HasList => (m::DataType::Boolean, "", none),
            Fact::Status => (m::DataType::OptionList, "", none),
            Fact::Time => (m::DataType::DateTime, "", none),
            Fact::Power => {
                let watts = i32::try_from(context.device.max_watts(place)).unwrap_or(i32::MAX);
                (m::DataType::Decimal, "W", at_most(watts))
            }
            Fact::ConnectorType | Fact::Vendor | Fact::Model | Fact::StationId => (m::DataType::String, "", none),
            Fact::CacheEntries => (m::DataType::Integer, "", counted(Fact::CacheCapacity)),
            Fact::ListEntries => (m::DataType::Integer, "", counted(Fact::ListCapacity)),
            Fact::MessageTimeout => (m::DataType::Integer, "s", none),
            _ => (m::DataType::Integer, "", none),
        },
        view => match context.descriptor(view).map(|about| about.kind) {
            Some(Kind::Switch) => (m::DataType::Boolean, "", none),
            Some(Kind::Number { min, max }) => (m::DataType::Integer, "", range(min, max)),
            Some(Kind::Seconds { min, max }) => {
                let least = if matches!(view, View::Interval(_)) { 1 } else { min };
                (m::DataType::Integer, "s", range(least, max))
            }
            Some(Kind::Measurands) => (m::DataType::MemberList, "", at_most(MEASURANDS_LENGTH)),
            Some(Kind::TxPoints { .. } | Kind::SomeOf(_)) => (m::DataType::MemberList, "", none),
            Some(Kind::Priority | Kind::TimeSources | Kind::Ordered(_)) => (m::DataType::SequenceList, "", none),
            Some(Kind::OneOf(_)) => (m::DataType::OptionList, "", none),
            Some(Kind::Decimal(&[min, max])) => (m::DataType::Decimal, "", (Some(min), Some(max))),
            Some(Kind::Text { max }) => (m::DataType::String, "", at_most(max.into())),
            _ => (m::DataType::String, "", none),
        },
    }
}

fn has_choice(view: View, context: &Context<'_>) -> bool {
    let listed = context.descriptor(view).is_some_and(|about| {
        matches!(
            about.kind,
            Kind::Measurands | Kind::TxPoints { .. } | Kind::Priority | Kind::TimeSources
        ) || about.kind.words().is_some()
    });
    listed || matches!(view, View::Fact(Fact::Status))
}

/// The values that there are to choose from.
fn choice(view: View, context: &Context<'_>, p: &mut Pieces<'_, '_>) {
    let mut separator = "";
    let mut item = |text: &str| {
        p.push(separator).push(text);
        separator = ",";
    };
    let kind = context.descriptor(view).map(|about| about.kind);
    if let Some(words) = kind.and_then(|kind| kind.words()) {
        return words.iter().for_each(|own| item(own));
    }
    match kind {
        Some(Kind::Measurands) => {
            let known = context.measurands.iter().filter(|own| !LACKING.contains(own));
            known.for_each(|own| item(own.as_str()));
        }
        Some(Kind::TxPoints { known }) => {
            let all = TxPoint::ALL.iter().filter(|point| known & point.bit() != 0);
            all.for_each(|point| item(point.as_str()));
        }
        Some(Kind::TimeSources) => context.device.time_sources.iter().for_each(|own| item(own.as_str())),
        Some(Kind::Priority) => item("0,1,2,3,4,5,6,7"),
        _ => m::ConnectorStatus::ALL.iter().for_each(|own| item(own.as_str())),
    }
}
