//! Staff: who may change what, and why a change was not made.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::{
    Invalid,
    job::JobId,
    tier::TierName,
    user::{User, UserId, Username},
};

/// What a user of the staff may do. Each may do what the one before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StaffRole {
    /// Sees everything and changes nothing.
    Viewer,
    /// Manages images, and users who are not of the staff.
    Manager,
    /// May do everything.
    Superuser,
}

/// What a call asks of the one who makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// To see tiers, users, images and what happened to them.
    Look,
    /// To change and delete images, and users who are not of the staff.
    ManageUsers,
    /// To change what decides over everybody: tiers, signing keys, the staff itself.
    ManageService,
}

impl StaffRole {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Manager, Self::Superuser];

    /// As the API and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Manager => "manager",
            Self::Superuser => "superuser",
        }
    }

    /// Whether this role has the power.
    pub fn may(self, power: Power) -> bool {
        let least = match power {
            Power::Look => Self::Viewer,
            Power::ManageUsers => Self::Manager,
            Power::ManageService => Self::Superuser,
        };
        self >= least
    }
}

impl FromStr for StaffRole {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| Invalid::because(format!("\"{text}\" is not a valid choice.")))
    }
}

impl fmt::Display for StaffRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for StaffRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Who makes a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who may run commands on the service's machine, and with that do everything.
    CommandLine,
    /// A user of the staff.
    Staff {
        /// The user.
        id: UserId,
        /// The user's name.
        username: Username,
        /// What the user may do.
        role: StaffRole,
    },
}

impl Actor {
    /// The user as staff; `None` if it is none.
    pub fn of(user: &User) -> Option<Self> {
        user.role.map(|role| Self::Staff {
            id: user.id,
            username: user.username.clone(),
            role,
        })
    }

    /// Whether the actor has the power.
    pub fn may(&self, power: Power) -> bool {
        match self {
            Self::CommandLine => true,
            Self::Staff { role, .. } => role.may(power),
        }
    }

    /// Whether the actor may change or make a user of this role.
    pub fn may_manage(&self, role: Option<StaffRole>) -> bool {
        self.may(match role {
            None => Power::ManageUsers,
            Some(_) => Power::ManageService,
        })
    }
}

/// The versions of an object that a change is meant for: what somebody looked at before changing it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ForVersion {
    /// Whichever it is in.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<i64>),
}

impl ForVersion {
    /// Whether an object of this version may be changed.
    pub fn holds(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

/// Why a change of staff's was not made. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The actor's role does not allow it.
    #[error("this role does not allow it")]
    Forbidden,
    /// There is no such object, or it has just been deleted.
    #[error("there is no such object any more")]
    Gone,
    /// Somebody else has changed the object since the actor saw it.
    #[error("somebody else has changed it meanwhile")]
    OtherVersion,
    /// Another tier has this name.
    #[error("there is a tier {0} already")]
    TierNameTaken(TierName),
    /// Another user has this name.
    #[error("there is a user {0} already")]
    UsernameTaken(Username),
    /// No tier has this name.
    #[error("there is no tier {0}: `tierpix tier list` shows those that there are")]
    NoSuchTier(TierName),
    /// Users have the tier.
    #[error("{} the tier {tier}: give them another one first", users_have(*.users))]
    TierInUse {
        /// The tier.
        tier: TierName,
        /// How many have it.
        users: i64,
    },
    /// Without this user nobody could do everything.
    #[error("{0} is the last active superuser: make another one first")]
    LastSuperuser(Username),
    /// Without this key nothing would sign links.
    #[error("this key is the only one that signs: rotate the keys first")]
    LastKey,
    /// A backfill of the same images waits or runs: this one.
    #[error("these thumbnails are being made already")]
    BackfillUnderWay(JobId),
    /// Nothing more can come of the job, so that there is nothing to cancel.
    #[error("the job has ended already")]
    JobEnded,
    /// The job is part of the service's upkeep.
    #[error("this job is part of the service's upkeep and is never cancelled")]
    Upkeep,
}

fn users_have(users: i64) -> String {
    match users {
        1 => "1 user has".to_owned(),
        users => format!("{users} users have"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: StaffRole) -> Actor {
        Actor::Staff {
            id: UserId(1),
            username: "anna".parse().unwrap(),
            role,
        }
    }

    #[test]
    fn each_role_may_do_more_than_the_one_before() {
        let powers = [Power::Look, Power::ManageUsers, Power::ManageService];
        let may = |role: StaffRole| powers.map(|power| role.may(power));
        assert_eq!(may(StaffRole::Viewer), [true, false, false]);
        assert_eq!(may(StaffRole::Manager), [true, true, false]);
        assert_eq!(may(StaffRole::Superuser), [true, true, true]);
    }

    #[test]
    fn only_superusers_and_the_command_line_manage_staff() {
        for role in StaffRole::ALL {
            assert!(!actor(StaffRole::Viewer).may_manage(Some(role)));
            assert!(!actor(StaffRole::Manager).may_manage(Some(role)));
            assert!(actor(StaffRole::Superuser).may_manage(Some(role)));
            assert!(Actor::CommandLine.may_manage(Some(role)));
        }
        assert!(!actor(StaffRole::Viewer).may_manage(None));
        assert!(actor(StaffRole::Manager).may_manage(None));
    }

    #[test]
    fn a_role_is_read_as_it_is_written() {
        for role in StaffRole::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        let refused = "root".parse::<StaffRole>().unwrap_err();
        assert_eq!(refused.to_string(), "\"root\" is not a valid choice.");
    }

    #[test]
    fn a_change_is_for_the_versions_that_it_names() {
        assert!(ForVersion::Any.holds(7));
        assert!(ForVersion::OneOf(vec![6, 7]).holds(7));
        assert!(!ForVersion::OneOf(vec![6]).holds(7));
        assert!(!ForVersion::OneOf(Vec::new()).holds(7));
    }
}
