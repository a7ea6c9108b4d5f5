export default ({ a, b }) => `${a + b}${process.send ? " child" : " thread"}`;
