module.exports = { list: (req, res) => res.json([{ id: req.query.limit }]) };
