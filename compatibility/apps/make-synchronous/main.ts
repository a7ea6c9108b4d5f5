import makeSynchronous from "make-synchronous";

const square = makeSynchronous(async (value: number) => {
  const { setTimeout: wait } = await import("node:timers/promises");
  await wait(10);
  return value ** 2;
});
console.log(square(12), square(7));
try {
  makeSynchronous(async () => {
    throw new RangeError("too far");
  })();
} catch (error) {
  console.log(`${error}`);
}
