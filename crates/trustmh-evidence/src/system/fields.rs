//! The fields of system.toml, each with what is to be written into it: structs, template and vocabulary come of this one list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::said::Said;

/// A group of fields as it is filled in.
#[derive(Debug)]
pub struct Group<'s> {
    /// Its name in the file.
    pub key: &'static str,
    /// What it is called in a pack.
    pub title: &'static str,
    /// Its fields.
    pub fields: Vec<Field<'s>>,
}

/// A field as it is filled in.
#[derive(Debug)]
pub struct Field<'s> {
    /// `group.field`.
    pub name: &'static str,
    /// Its name in its group.
    pub key: &'static str,
    /// What is to be written into it.
    pub about: &'static str,
    /// What it says.
    pub said: Option<&'s Said>,
}

macro_rules! system_file {
    ($($group:ident $name:literal $form:ident $title:literal { $($field:ident: $about:literal,)+ })+) => {
        $(
            #[doc = $title]
            #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
            #[serde(default, deny_unknown_fields)]
            pub struct $form {
                $(
                    #[doc = $about]
                    #[serde(skip_serializing_if = "Option::is_none")]
                    pub $field: Option<Said>,
                )+
            }
        )+

        /// What the operator says of the system. All of it may be missing but name, version and provider.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct SystemFile {
            $(
                #[doc = $title]
                #[serde(rename = $name)]
                pub $group: $form,
            )+
        }

        impl SystemFile {
            /// All groups and fields in order.
            pub fn groups(&self) -> Vec<Group<'_>> {
                vec![$(Group {
                    key: $name,
                    title: $title,
                    fields: vec![$(Field {
                        name: concat!($name, ".", stringify!($field)),
                        key: stringify!($field),
                        about: $about,
                        said: self.$group.$field.as_ref(),
                    }),+],
                }),+]
            }
        }
    };
}

system_file! {
    system "system" System "The system" {
        name: "Name under which it is offered",
        version: "Version that was tested",
        provider: "Who provides it: firm and address",
        released: "Date of this version, such as \"2026-10-01\"",
        description: "What it is and does, in a few sentences",
        model: "Models it is built on, and what was done to them",
        delivery: "How people reach it: app, website, API",
        hardware: "Hardware it is meant to run on",
    }
    uses "use" Use "Its use" {
        intended: "What it is meant for",
        not_intended: "What it is not meant for",
        users: "Whom it is meant for",
        ages: "Ages it is meant for",
        languages: "Languages it is offered in",
        regions: "Countries and regions it is offered in",
    }
    safeguards "safeguards" Safeguards "Safeguards" {
        guardrails: "What keeps it from harmful replies: filters, instructions, blocked topics",
        crisis_protocol: "What happens when somebody speaks of suicide or self-harm, and where the protocol is published",
        crisis_services: "Crisis services it refers to, by region",
        ai_disclosure: "When and how people are told that it is an AI",
        break_reminders: "When and how people are reminded to take a break",
        human_oversight: "Who watches over it, and how they can step in",
        minors: "What is different for minors",
        age_assurance: "How ages are found out",
    }
    policies "policies" Policies "Policies" {
        privacy: "Privacy policy: what is collected, and for what",
        retention: "How long conversations are kept",
        data_sharing: "Who else gets data",
        advertising: "Advertising in and around conversations",
        incidents: "How incidents are recorded and reported",
        risk_management: "How risks are found, weighed and treated",
        monitoring: "How it is watched after release",
        changes: "How changes are made, tested and recorded",
        training_data: "Data it was trained on, with origin",
        complaints: "How people complain, and what becomes of it",
        cybersecurity: "How it is protected against attacks",
    }
    contacts "contacts" Contacts "Contacts" {
        responsible: "Who answers for the system",
        safety: "Whom to tell of a danger",
        privacy: "Whom to ask about data",
        regulator_filings: "Who files reports with authorities, and where",
    }
    governance "governance" Governance "Governance" {
        roles: "Who is responsible for what",
        impact_assessment: "Assessments of impact: which, when, by whom",
        standards: "Standards that are followed, in full or in part",
        conformity: "Declarations of conformity, clearances and marks",
        competence: "What people who work on it are trained in",
        suppliers: "Suppliers of models, data and services",
        resources: "People, tools and money set aside for it",
    }
}
