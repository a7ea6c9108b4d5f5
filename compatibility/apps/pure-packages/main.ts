import { addDays, format } from "date-fns";
import { de } from "date-fns/locale";
import dotenv from "dotenv";
import _ from "lodash";
import { marked } from "marked";
import Mustache from "mustache";
import { firstValueFrom, from, map, toArray } from "rxjs";
import { v5, validate } from "uuid";
import { z } from "zod";

console.log(format(addDays(new Date(2026, 1, 27), 2), "EEEE d. MMMM", { locale: de }));
console.log(dotenv.parse("A=1\nB='two words' # c").B);
console.log(_.chunk(_.range(5), 2).length, _.camelCase("a-b c"));
console.log(marked.parse("*a* `b`").toString().trim());
console.log(Mustache.render("{{#list}}{{.}};{{/list}}", { list: [1, 2] }));
console.log(
  (
    await firstValueFrom(
      from([1, 2]).pipe(
        map((value) => value * 2),
        toArray(),
      ),
    )
  ).join(),
);
console.log(v5("example.org", v5.DNS), validate("x"));
const parsed = z.object({ age: z.coerce.number().min(18) }).safeParse({ age: "17" });
console.log(parsed.error?.issues[0].message);
