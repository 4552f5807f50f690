//! The roles that the regulation knows, by the names that role spans carry.

/// Who answers under a letter.
pub(crate) const RESPONSIBLE: &str = "responsible";

/// A role on a project that LC-4 fines.
pub(crate) struct ProjectRole {
    /// The name that role spans and the parameter `fines` use.
    pub(crate) name: &'static str,
    /// In English.
    pub(crate) en: &'static str,
    /// In Chinese.
    pub(crate) zh: &'static str,
}

/// The roles that LC-4 fines; the index of a role is the `part` of its line.
pub(crate) const ROLES: [ProjectRole; 4] = [
    ProjectRole { name: "project-manager", en: "project manager", zh: "项目经理" },
    ProjectRole { name: "project-secretary", en: "project secretary", zh: "项目书记" },
    ProjectRole { name: "planning-lead", en: "planning lead", zh: "计划负责人" },
    ProjectRole { name: "finance-lead", en: "finance lead", zh: "财务负责人" },
];
