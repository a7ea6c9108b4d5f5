import "reflect-metadata";

const registry = new Map<string, string[]>();
function injectable<T extends new (...args: never[]) => object>(target: T): void {
  const types: { name: string }[] = Reflect.getMetadata("design:paramtypes", target) ?? [];
  registry.set(
    target.name,
    types.map(({ name }) => name),
  );
}
function column(target: object, key: string): void {
  const { name } = Reflect.getMetadata("design:type", target, key);
  registry.set(key, [name]);
}

class Clock {}

@injectable
class Service {
  @column created!: Date;
  constructor(
    readonly clock: Clock,
    readonly name: string,
  ) {}
}

console.log(JSON.stringify([...registry]), new Service(new Clock(), "x").name);
