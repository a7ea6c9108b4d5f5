module.exports = class Book1700000000000 {
  up(runner) {
    return runner.query(
      "CREATE TABLE book (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, pages INTEGER)",
    );
  }
  down(runner) {
    return runner.query("DROP TABLE book");
  }
};
