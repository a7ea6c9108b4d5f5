exports.named = "named";
exports.later = async () => (await import("./new.mjs")).default;
