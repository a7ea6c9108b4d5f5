export const seed = (database) =>
  database("user").insert([
    { name: "Ada", age: 36 },
    { name: "Bob", age: 20 },
  ]);
