import type { Member } from "./workspace.ts";

/** How the members of a workspace depend on one another. */
export class MemberGraph {
  readonly #byName: ReadonlyMap<string, Member>;

  constructor(members: readonly Member[]) {
    this.#byName = new Map(members.map((member) => [member.name, member]));
  }

  /** The members, and all that they depend on. */
  withDependencies(members: Iterable<Member>): ReadonlySet<Member> {
    return closure(members, ({ dependencies }) => dependencies.map((name) => this.#byName.get(name)!));
  }

  /** The members, and all that depend on them. */
  withDependents(members: Iterable<Member>): ReadonlySet<Member> {
    const dependents = new Map<Member, Member[]>();
    for (const member of this.#byName.values()) {
      for (const name of member.dependencies) {
        const dependency = this.#byName.get(name)!;
        dependents.set(dependency, [...(dependents.get(dependency) ?? []), member]);
      }
    }
    return closure(members, (member) => dependents.get(member) ?? []);
  }

  /**
   * For each of the chosen members those of them that come before it, because it depends on them, over however many others. Of
   * members that depend on one another in a circle the first comes first.
   */
  order(chosen: readonly Member[]): ReadonlyMap<Member, ReadonlySet<Member>> {
    const before = new Map<Member, ReadonlySet<Member>>();
    for (const member of chosen) {
      const needed = this.withDependencies([member]);
      before.set(member, new Set(chosen.filter((one) => one !== member && needed.has(one))));
    }
    chosen.forEach((member, index) => {
      const after = new Set(chosen.slice(index + 1).filter((one) => before.get(one)!.has(member)));
      before.set(member, new Set([...before.get(member)!].filter((one) => !after.has(one))));
    });
    return before;
  }
}

function closure(start: Iterable<Member>, next: (member: Member) => readonly Member[]): ReadonlySet<Member> {
  const found = new Set(start);
  // A set goes on with what is added while it is walked through.
  for (const member of found) for (const one of next(member)) found.add(one);
  return found;
}
