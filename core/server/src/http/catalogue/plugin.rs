//! Problems of plugins.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        "plugin.out_of_fuel",
        422,
        "The plugin ran out of fuel",
        "Send less at a time, or raise the limit of the sandbox.",
        "插件计算额度耗尽",
        "请减少单次数据量，或调高沙箱限额。",
    ),
    entry("plugin.timeout", 503, "The plugin took too long", "Try again.", "插件运行超时", "请重试。"),
    entry("plugin.busy", 503, "Too many plugins run at once", "Try again.", "插件运行过多", "请重试。"),
    entry(
        "plugin.memory",
        422,
        "The plugin wants more memory than it may have",
        "Send less at a time, or raise the limit of the sandbox.",
        "插件内存超限",
        "请减少单次数据量，或调高沙箱限额。",
    ),
    entry("plugin.panicked", 422, "The plugin failed", "Report it to the plugin's author.", "插件运行失败", "请告知插件作者。"),
    entry("plugin.stack_overflow", 422, "The plugin recursed too deeply", "Report it to the plugin's author.", "插件递归过深", "请告知插件作者。"),
    entry(
        "plugin.bad_output",
        422,
        "The plugin's output contradicts its own description",
        "Report it to the plugin's author.",
        "插件输出与其声明不符",
        "请告知插件作者。",
    ),
    entry("plugin.rejected_input", 422, "The plugin refuses the input", "Correct what the detail names.", "插件拒绝该输入", "请改正详情中指出的内容。"),
    entry("plugin.incompatible", 422, "The plugin is of another contract", "Build it for this release.", "插件接口版本不符", "请为本版本重新构建。"),
    entry(
        "plugin.import_refused",
        422,
        "The plugin asks for more than a plugin may have",
        "Build it without what the detail lists.",
        "插件要求了不允许的能力",
        "请去掉详情列出的依赖后重新构建。",
    ),
    entry("plugin.malformed", 422, "The plugin is no component", "Build it again.", "插件不是有效的组件", "请重新构建。"),
    entry(
        "plugin.too_large",
        422,
        "The plugin is too large",
        "Make it smaller, or raise the limit of the sandbox.",
        "插件过大",
        "请缩小插件，或调高沙箱限额。",
    ),
    entry("plugin.input_unreadable", 503, "The plugin's input cannot be read", "Try again.", "插件输入无法读取", "请重试。"),
    entry(
        "plugin.engine",
        500,
        "The sandbox failed",
        "Tell the operator the request id; the log has the cause.",
        "沙箱故障",
        "请将请求编号告知运维人员，原因见日志。",
    ),
];
