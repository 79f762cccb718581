//! The device model: where a variable is, and what is known of it.

use ocpp_core::wire::{CiText, Decimal, List, Text};
use ocpp_core::{message, wire_enum};

message! {
    /// An EVSE, or one connector of it.
    pub struct Evse {
        /// EVSE, from 1.
        id: i32 = "id",
        /// Connector of that EVSE, from 1; left out, the EVSE as a whole.
        connector_id: Option<i32> = "connectorId",
    }
}

message! {
    /// A component of the station, physical or logical.
    ///
    /// ```
    /// use ocpp_core::wire::{Reader, Wire};
    /// use ocpp201::messages::Component;
    ///
    /// let json = r#"{"name":"Connector","evse":{"id":1,"connectorId":2}}"#;
    /// let component = Component::read(&mut Reader::new(json))?;
    /// assert_eq!(component.name, "connector");
    /// assert_eq!(component.evse.and_then(|evse| evse.connector_id), Some(2));
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct Component<'a> {
        /// Name, out of the appendices' list if it is there.
        name: CiText<'a, 50> = "name",
        /// Which one, where there are several.
        instance: Option<CiText<'a, 50>> = "instance",
        /// Where it is; left out, it belongs to the whole station.
        evse: Option<Evse> = "evse",
    }
}

message! {
    /// A variable of a component.
    pub struct Variable<'a> {
        /// Name, out of the appendices' list if it is there.
        name: CiText<'a, 50> = "name",
        /// Which one, where there are several.
        instance: Option<CiText<'a, 50>> = "instance",
    }
}

message! {
    /// A component, or one variable of it.
    pub struct ComponentVariable<'a> {
        /// The component.
        component: Component<'a> = "component",
        /// The variable; left out, all of them.
        variable: Option<Variable<'a>> = "variable",
    }
}

wire_enum! {
    /// The values that a variable can have beside its actual one.
    pub enum AttributeType {
        /// The value now.
        Actual = "Actual",
        /// The value that it is being brought to.
        Target = "Target",
        /// Lowest value that may be set.
        MinSet = "MinSet",
        /// Highest value that may be set.
        MaxSet = "MaxSet",
    }
}

message! {
    /// A variable in a report.
    pub struct ReportData<'a> {
        /// Where it is.
        component: Component<'a> = "component",
        /// Which one.
        variable: Variable<'a> = "variable",
        /// Its attributes.
        variable_attribute: List<'a, VariableAttribute<'a>, 1, 4> = "variableAttribute",
        /// What never changes about it.
        variable_characteristics: Option<VariableCharacteristics<'a>> = "variableCharacteristics",
    }
}

message! {
    /// An attribute of a variable.
    pub struct VariableAttribute<'a> {
        /// Which one; left out, `Actual`.
        kind: Option<AttributeType> = "type",
        /// The value as text; left out if write-only. `ReportingValueSize` bounds it.
        value: Option<Text<'a, 2500>> = "value",
        /// Whether it can be set; left out, `ReadWrite`.
        mutability: Option<Mutability> = "mutability",
        /// Whether it is kept over a restart; left out, no.
        persistent: Option<bool> = "persistent",
        /// Whether it never changes at run time; left out, no.
        constant: Option<bool> = "constant",
    }
}

wire_enum! {
    /// Whether an attribute can be read and set.
    pub enum Mutability {
        /// Read only.
        ReadOnly = "ReadOnly",
        /// Set only.
        WriteOnly = "WriteOnly",
        /// Both.
        ReadWrite = "ReadWrite",
    }
}

message! {
    /// What never changes about a variable.
    pub struct VariableCharacteristics<'a> {
        /// Type of its values.
        data_type: DataType = "dataType",
        /// Whether monitors can be set on it.
        supports_monitoring: bool = "supportsMonitoring",
        /// Unit of its values.
        unit: Option<Text<'a, 16>> = "unit",
        /// Lowest value.
        min_limit: Option<Decimal> = "minLimit",
        /// Highest value; for texts and lists their greatest length in characters.
        max_limit: Option<Decimal> = "maxLimit",
        /// Values to choose from, separated by commas.
        values_list: Option<Text<'a, 1000>> = "valuesList",
    }
}

wire_enum! {
    /// Type of a variable's values, which travel as text.
    pub enum DataType {
        /// Text.
        String = "string",
        /// Decimal number.
        Decimal = "decimal",
        /// Whole number.
        Integer = "integer",
        /// Point in time.
        DateTime = "dateTime",
        /// `true` or `false`.
        Boolean = "boolean",
        /// One value of a list.
        OptionList = "OptionList",
        /// Values of a list, in an order that matters.
        SequenceList = "SequenceList",
        /// Values of a list, in any order.
        MemberList = "MemberList",
    }
}
