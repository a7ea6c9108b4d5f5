enum A {
  X = 3,
}
export default { a: A.X };
