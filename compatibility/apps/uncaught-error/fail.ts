class OrderError extends Error {
  override name = "OrderError";
}

export function fail(message: string): never {
  throw new OrderError(message, { cause: new Error("why") });
}
