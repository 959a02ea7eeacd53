//! CHAI's Applied Model Card (schema v0.2, mc.chai.org) as XML. What neither the operator stated nor a run measured says so.

mod metrics;

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;

use crate::pack::Pack;
use crate::xml::Xml;

/// The file in a pack.
pub const FILE: &str = "model-card.xml";

/// The namespace of the schema.
const NAMESPACE: &str = "https://mc.chai.org/v0.2/schema.xsd";
/// What stands where the operator says nothing.
const NOT_STATED: &str = "Not stated by the operator.";

/// The card. The order of its elements is the schema's.
pub fn model_card(pack: &Pack) -> String {
    let mut card = Card { pack, xml: Xml::new() };
    card.xml.open("AppliedModelCard", Some(NAMESPACE));
    card.basics();
    card.uses();
    card.trust();
    card.xml.open("KeyMetrics", None);
    metrics::Goal::ALL.iter().for_each(|goal| goal.write(pack, &mut card.xml));
    card.xml.close();
    card.resources();
    card.xml.end()
}

/// Limits of the tasks of these pillars; of all tasks and runs where none is named.
fn limits(pack: &Pack, pillars: &[Pillar]) -> Vec<String> {
    let is_of = |of: &String| {
        let pillar = of.parse::<TaskId>().ok().map(|task| task.pillar());
        pillar.is_some_and(|pillar| pillars.contains(&pillar))
    };
    let limits = pack.limits.iter();
    let limits = limits.filter(|limit| pillars.is_empty() || limit.of.iter().any(is_of));
    limits.map(|limit| limit.text.clone()).collect()
}

struct Card<'p> {
    pack: &'p Pack,
    xml: Xml,
}

impl Card<'_> {
    /// An element with what fields of system.toml say, each on a line.
    fn said(&mut self, element: &'static str, fields: &[&str]) {
        let said: Vec<String> =
            fields.iter().filter_map(|field| self.pack.system.words(field)).collect();
        let text = if said.is_empty() { NOT_STATED.to_owned() } else { said.join("\n") };
        self.xml.leaf(element, &text);
    }

    fn inside(&mut self, element: &'static str, fill: impl FnOnce(&mut Self)) {
        self.xml.open(element, None);
        fill(self);
        self.xml.close();
    }

    fn basics(&mut self) {
        self.inside("BasicInfo", |card| {
            card.said("ModelName", &["system.name"]);
            card.said("ModelDeveloper", &["system.provider"]);
            card.said("DeveloperContact", &["contacts.responsible"]);
        });
        self.inside("ReleaseInfo", |card| {
            card.xml.leaf("ReleaseStage", NOT_STATED);
            card.said("ReleaseDate", &["system.released"]);
            card.said("ReleaseVersion", &["system.version"]);
            card.said("GlobalAvailability", &["use.regions"]);
            card.said("RegulatoryApproval", &["governance.conformity"]);
        });
        self.inside("ModelSummary", |card| {
            card.said("Summary", &["system.description"]);
            card.inside("Keywords", |card| {
                card.xml.leaf("Keyword", "mental health");
                card.xml.leaf("Keyword", "conversational system");
            });
        });
    }

    fn uses(&mut self) {
        self.inside("UsesAndDirections", |card| {
            card.said("IntendedUseAndWorkflow", &["use.intended", "safeguards.human_oversight"]);
            card.said("PrimaryIntendedUsers", &["use.users"]);
            card.said("HowToUse", &["system.delivery"]);
            card.said("TargetedPatientPopulation", &["use.users", "use.ages", "use.languages"]);
            card.said("CautionedOutOfScopeSettings", &["use.not_intended"]);
        });
        self.inside("Warnings", |card| {
            let pack = card.pack;
            let not = pack.framework.not_proved.iter().map(|not| format!("Not shown: {not}"));
            let known = pack.read_first.iter().chain(&pack.adverse).cloned();
            let risks: Vec<String> = known.chain(limits(pack, &[])).chain(not).collect();
            card.xml.leaf("KnownRisksAndLimitations", &risks.join("\n"));
            let biases = limits(pack, &[Pillar::Fairness, Pillar::Ethics]);
            let biases = match biases.is_empty() {
                true => "Not measured in these runs.".to_owned(),
                false => biases.join("\n"),
            };
            card.xml.leaf("KnownBiasesOrEthicalConsiderations", &biases);
            card.said("ClinicalRiskLevel", &["governance.impact_assessment"]);
        });
    }

    fn trust(&mut self) {
        self.inside("TrustIngredients", |card| {
            card.inside("AISystemFacts", |card| {
                card.said("OutcomesAndOutputs", &["system.description", "use.intended"]);
                card.said("ModelType", &["system.model"]);
                card.said("FoundationModels", &["system.model", "governance.suppliers"]);
                card.said("InputDataSource", &["policies.privacy"]);
                card.xml.leaf("OutputAndInputDataTypes", "Text in the tests; else not stated.");
                card.said("DevelopmentDataCharacterization", &["policies.training_data"]);
                card.said("BiasMitigationApproaches", &["policies.risk_management"]);
                card.said("OngoingMaintenance", &["policies.monitoring", "policies.changes"]);
                card.said("Security", &["policies.cybersecurity"]);
                card.said("Transparency", &["safeguards.ai_disclosure"]);
            });
            card.inside("TransparencyInformation", |card| {
                card.xml.leaf("FundingSource", NOT_STATED);
                card.said("ThirdPartyInformation", &["governance.suppliers"]);
                card.xml.leaf("StakeholdersConsulted", NOT_STATED);
            });
        });
    }

    fn resources(&mut self) {
        self.inside("Resources", |card| {
            let pack = card.pack;
            let runs: Vec<&str> = pack.runs.iter().map(|run| run.id.as_str()).collect();
            let evaluation = format!(
                "{} Runs: {}. Made by TrustMH {}, dated {}.",
                pack.statement,
                runs.join(", "),
                pack.program,
                pack.date
            );
            card.xml.leaf("EvaluationReferences", &evaluation);
            card.xml.leaf("PeerReviewedPublications", NOT_STATED);
            card.said(
                "PatientConsentOrDisclosure",
                &["safeguards.ai_disclosure", "policies.privacy"],
            );
        });
        self.xml.leaf("Bibliography", "");
    }
}
