import "reflect-metadata";
import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  Param,
  ParseIntPipe,
  Post,
  ValidationPipe,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { IsInt, IsString, Min } from "class-validator";

class CatInput {
  @IsString() name!: string;
  @IsInt() @Min(0) age!: number;
}

@Injectable()
class CatsService {
  private readonly cats: CatInput[] = [];
  add(cat: CatInput): number {
    return this.cats.push(cat);
  }
  get(index: number): CatInput | undefined {
    return this.cats[index];
  }
}

@Controller("cats")
class CatsController {
  constructor(private readonly cats: CatsService) {}

  @Post()
  create(@Body() cat: CatInput): { count: number } {
    return { count: this.cats.add(cat) };
  }

  @Get(":index")
  find(@Param("index", ParseIntPipe) index: number): CatInput | undefined {
    return this.cats.get(index);
  }
}

@Module({ controllers: [CatsController], providers: [CatsService] })
class AppModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false });
  app.useGlobalPipes(new ValidationPipe({ transform: true }));
  await app.listen(0, "127.0.0.1");
  const origin = await app.getUrl();
  const post = (body: unknown) =>
    fetch(`${origin}/cats`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  for (const body of [
    { name: "Tom", age: 3 },
    { name: "Tim", age: -1 },
  ]) {
    const answer = await post(body);
    console.log(answer.status, await answer.text());
  }
  for (const index of ["0", "x"]) {
    const answer = await fetch(`${origin}/cats/${index}`);
    console.log(answer.status, await answer.text());
  }
  await app.close();
}
void bootstrap();
