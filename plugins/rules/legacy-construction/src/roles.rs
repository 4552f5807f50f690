//! The roles that the regulation knows, by the names that role spans carry.

/// Who answers under a letter.
pub(crate) const RESPONSIBLE: &str = "responsible";

/// A role on a project.
pub(crate) struct ProjectRole {
    /// The name that role spans, and for LC-4 the parameter `fines`, use.
    pub(crate) name: &'static str,
    /// In English.
    pub(crate) en: &'static str,
    /// In Chinese.
    pub(crate) zh: &'static str,
}

/// The recovery team of a project (LC-9), by the same names.
pub(crate) const TEAM: [ProjectRole; 3] = [
    ProjectRole { name: "manager-in-charge", en: "manager in charge", zh: "分管领导" },
    ProjectRole { name: "planning-lead", en: "planning lead", zh: "计划负责人" },
    ProjectRole { name: "finance-lead", en: "finance lead", zh: "财务负责人" },
];

/// The roles that LC-4 fines; the index of a role is the `part` of its line.
pub(crate) const ROLES: [ProjectRole; 4] = [
    ProjectRole { name: "project-manager", en: "project manager", zh: "项目经理" },
    ProjectRole { name: "project-secretary", en: "project secretary", zh: "项目书记" },
    ProjectRole { name: "planning-lead", en: "planning lead", zh: "计划负责人" },
    ProjectRole { name: "finance-lead", en: "finance lead", zh: "财务负责人" },
];
