"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
require("reflect-metadata");
const common_1 = require("@nestjs/common");
const core_1 = require("@nestjs/core");
const class_validator_1 = require("class-validator");
class CatInput {
    name;
    age;
}
__decorate([
    (0, class_validator_1.IsString)(),
    __metadata("design:type", String)
], CatInput.prototype, "name", void 0);
__decorate([
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(0),
    __metadata("design:type", Number)
], CatInput.prototype, "age", void 0);
let CatsService = class CatsService {
    cats = [];
    add(cat) {
        return this.cats.push(cat);
    }
    get(index) {
        return this.cats[index];
    }
};
CatsService = __decorate([
    (0, common_1.Injectable)()
], CatsService);
let CatsController = class CatsController {
    cats;
    constructor(cats) {
        this.cats = cats;
    }
    create(cat) {
        return { count: this.cats.add(cat) };
    }
    find(index) {
        return this.cats.get(index);
    }
};
__decorate([
    (0, common_1.Post)(),
    __param(0, (0, common_1.Body)()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [CatInput]),
    __metadata("design:returntype", Object)
], CatsController.prototype, "create", null);
__decorate([
    (0, common_1.Get)(":index"),
    __param(0, (0, common_1.Param)("index", common_1.ParseIntPipe)),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Number]),
    __metadata("design:returntype", Object)
], CatsController.prototype, "find", null);
CatsController = __decorate([
    (0, common_1.Controller)("cats"),
    __metadata("design:paramtypes", [CatsService])
], CatsController);
let AppModule = class AppModule {
};
AppModule = __decorate([
    (0, common_1.Module)({ controllers: [CatsController], providers: [CatsService] })
], AppModule);
async function bootstrap() {
    const app = await core_1.NestFactory.create(AppModule, { logger: false });
    app.useGlobalPipes(new common_1.ValidationPipe({ transform: true }));
    await app.listen(0, "127.0.0.1");
    const origin = await app.getUrl();
    const post = (body) => fetch(`${origin}/cats`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    for (const body of [{ name: "Tom", age: 3 }, { name: "Tim", age: -1 }]) {
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
