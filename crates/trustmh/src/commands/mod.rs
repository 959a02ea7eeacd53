//! The switchboard: one line per command, in the order of `trustmh --help`. Arguments, help,
//! examples and action of a command stand in its own module.

/// Makes the enum that clap reads and the dispatch from one list.
macro_rules! commands {
    ($name:ident: $($(#[$attribute:meta])* $variant:ident => $module:ident::$arguments:ident,)+) => {
        #[derive(Debug, clap::Subcommand)]
        pub(crate) enum $name {
            $($(#[$attribute])* $variant(Box<$module::$arguments>),)+
        }

        impl $name {
            /// Runs the command that was typed.
            pub(crate) fn run(&self) -> Result<crate::failure::Exit, crate::failure::Failure> {
                match self {
                    $(Self::$variant(arguments) => $module::run(arguments),)+
                }
            }
        }
    };
}

mod agreement;
mod attack;
mod cite;
mod cluster;
mod compare;
mod completions;
mod data;
mod doctor;
mod evidence;
mod export;
mod fake_provider;
mod forget;
mod gate;
mod import;
pub(crate) mod judge;
mod judge_features;
mod leaderboard;
mod man;
mod models;
mod panel;
mod perturb;
mod plan;
mod power;
mod reference;
mod repair;
mod report;
mod resume;
mod run;
mod score;
mod seal;
mod study;
mod tasks;
mod validate;
mod verify;
mod view;
mod walk;
mod weights;
mod worker;

commands! { Command:
    Run => run::RunArguments,
    Plan => plan::PlanArguments,
    Resume => resume::ResumeArguments,
    Study => study::StudyArguments,
    Judge => judge::JudgeArguments,
    Walk => walk::WalkArguments,
    Worker => worker::WorkerArguments,
    Cluster => cluster::ClusterArguments,
    Score => score::ScoreArguments,
    Report => report::ReportArguments,
    View => view::ViewArguments,
    Export => export::ExportArguments,
    Evidence => evidence::EvidenceArguments,
    Import => import::ImportArguments,
    Verify => verify::VerifyArguments,
    Repair => repair::RepairArguments,
    Seal => seal::SealArguments,
    Forget => forget::ForgetArguments,
    Compare => compare::CompareArguments,
    Panel => panel::PanelArguments,
    Gate => gate::GateArguments,
    Leaderboard => leaderboard::LeaderboardArguments,
    Power => power::PowerArguments,
    Agreement => agreement::AgreementArguments,
    Validate => validate::ValidateArguments,
    Cite => cite::CiteArguments,
    Data => data::DataArguments,
    Tasks => tasks::TasksArguments,
    Attack => attack::AttackArguments,
    Perturb => perturb::PerturbArguments,
    Models => models::ModelsArguments,
    Weights => weights::WeightsArguments,
    Doctor => doctor::DoctorArguments,
    Completions => completions::CompletionsArguments,
    Man => man::ManArguments,
    Reference => reference::ReferenceArguments,
    #[command(hide = true)]
    JudgeFeatures => judge_features::JudgeFeaturesArguments,
    #[command(hide = true)]
    FakeProvider => fake_provider::FakeProviderArguments,
}
