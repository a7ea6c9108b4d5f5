module.exports = () => ({ send: () => "sent" });
